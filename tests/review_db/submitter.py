"""Answers an ECG from another process: python submitter.py URL TOKEN PRESENTATION SUBMISSION_ID...

Waits for a line on its standard input, then sends one answer per submission id and says what became of each:
"new", "repeat" or "refused". With "all" for PRESENTATION it answers one ECG after the other until the end and
prints each submission id after the store has acknowledged it.
"""

import sys
import uuid

from review_db.blinded import Submission
from review_db.errors import AlreadyRated
from review_db.scales import Plausibility, Verdict
from review_db.store import Store


def submission(presentation: str, name: str) -> Submission:
    return Submission(presentation, Verdict.PROBABLY_REAL, Plausibility.UNDECIDED, "", name)


def send(store: Store, token: str, answer: Submission) -> str:
    try:
        return "new" if store.record(token, answer).is_new else "repeat"
    except AlreadyRated:
        return "refused"


def answer_all(store: Store, token: str) -> None:
    while (item := store.next_item(token)) is not None:
        store.mark_shown(token, item.presentation)
        answer = submission(item.presentation, uuid.uuid4().hex)
        store.record(token, answer)
        print(answer.submission_id, flush=True)


def main(url: str, token: str, presentation: str, *names: str) -> None:
    with Store.open(url) as store:
        print("ready", flush=True)
        sys.stdin.readline()
        if presentation == "all":
            answer_all(store, token)
        for name in names:
            print(send(store, token, submission(presentation, name)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
