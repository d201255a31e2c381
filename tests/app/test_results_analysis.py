"""The analysis of a closed study runs once, outside of the web process, and is kept."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.results.analysis import Analyses, AnalysisFailed, AnalysisProcess, Question

TABLE = """reader,item,arm,labels,verdict
Ada,1,real,NORM,2
Ada,2,synthetic,NORM,5
Bo,1,real,NORM,4
Bo,2,synthetic,NORM,6
"""


def asked(table: str = TABLE, study: int = 1, margin: float = 0.1, alpha: float = 0.05) -> Question:
    return Question(study, table, margin, alpha)


class MadeUpAnalyst:
    """Answers at the second asking, or fails."""

    started: list[Question] = []  # noqa: RUF012
    answer: str | None = '{"ratings": 4}'

    def __init__(self, question: Question) -> None:
        self.started.append(question)
        self.asked = 0

    def result(self) -> str | None:
        self.asked += 1
        if self.asked < 2:
            return None
        if self.answer is None:
            raise AnalysisFailed("It ran out of memory.")
        return self.answer


@pytest.fixture(autouse=True)
def nothing_started() -> Iterator[None]:
    MadeUpAnalyst.started.clear()
    yield


def test_the_analysis_comes_from_another_process(tmp_path: Path) -> None:
    analyses, deadline = Analyses(tmp_path, AnalysisProcess), time.monotonic() + 90
    while (found := analyses.of(asked())) is None:
        assert time.monotonic() < deadline, "the analysis did not end"
        time.sleep(0.05)
    assert found.estimate("accuracy").value == 0.75 and found.has_both
    assert len(list(tmp_path.glob("study-1-*.json"))) == 1


def test_a_table_that_cannot_be_analysed_fails_in_words() -> None:
    process, deadline = AnalysisProcess(asked("reader,item\n")), time.monotonic() + 90
    with pytest.raises(AnalysisFailed, match="lacks"):
        while process.result() is None:
            assert time.monotonic() < deadline, "the analysis did not end"
            time.sleep(0.05)


def test_it_is_made_once_and_found_again_after_a_restart(tmp_path: Path) -> None:
    analyses = Analyses(tmp_path, MadeUpAnalyst)
    assert analyses.of(asked()) is None
    assert analyses.of(asked()) is analyses.of(asked()) is not None
    restarted = Analyses(tmp_path, MadeUpAnalyst).of(asked())
    assert restarted is not None and restarted.answers == {"ratings": 4}
    assert MadeUpAnalyst.started == [asked()]


def test_other_answers_or_another_study_are_analysed_anew(tmp_path: Path) -> None:
    analyses = Analyses(tmp_path, MadeUpAnalyst)
    questions = (asked(), asked(study=2), asked(TABLE + "Bo,3,real,NORM,1\n"), asked(margin=0.2), asked(alpha=0.01))
    assert len({analyses.file(question) for question in questions}) == 5


def test_a_file_that_was_cut_short_is_made_anew(tmp_path: Path) -> None:
    analyses = Analyses(tmp_path, MadeUpAnalyst)
    analyses.file(asked()).write_text('{"ratings": ')
    assert analyses.of(asked()) is None and MadeUpAnalyst.started


def test_a_folder_that_cannot_be_written_to_only_costs_time(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    analyses = Analyses(tmp_path / "file" / "below", MadeUpAnalyst)
    assert analyses.of(asked()) is None
    assert analyses.of(asked()) is not None


def test_a_failure_stays_until_somebody_wants_to_try_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MadeUpAnalyst, "answer", None)
    analyses = Analyses(tmp_path, MadeUpAnalyst)
    assert analyses.of(asked()) is None
    for _ in range(2):
        with pytest.raises(AnalysisFailed, match="out of memory"):
            analyses.of(asked())
    assert len(MadeUpAnalyst.started) == 1
    analyses.forget_failure(asked())
    assert analyses.of(asked()) is None and len(MadeUpAnalyst.started) == 2
