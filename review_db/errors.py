"""What can go wrong in a reader study, each a sentence that says what to do.

Every error a person can cause is a `ReviewError`, so a screen catches one class and shows its words.
Messages that a reader can see never name an arm, an origin or an item.
"""


class ReviewError(Exception):
    """Base of all errors of this package; `str(error)` is fit to be shown to a person."""


class StoreUnavailable(ReviewError):
    """The database cannot be reached or refused the write; nothing was stored."""


class StoreLost(StoreUnavailable):
    """The connection to the database broke, or none can be made: whether the last act was stored is not known."""


class StoreDamaged(StoreUnavailable):
    """The database found some of its own pages unreadable."""


class BackupFailed(ReviewError):
    """There is no copy of the store under the name that was asked for."""


class StoreOutOfDate(ReviewError):
    """The tables of the database are not those of this version of the program."""


class InvalidPlan(ReviewError):
    """A study plan that cannot become a study."""


class InvalidProtocol(InvalidPlan):
    """Rules of reading that contradict each other or mean nothing."""


class UnknownStudy(ReviewError):
    """No study has this number."""


class UnknownReader(ReviewError):
    """No reader has this number."""


class DuplicateReader(ReviewError):
    """The study already has a reader of this name."""


class InvalidReader(ReviewError):
    """A reader's name that cannot be stored."""


class WrongState(ReviewError):
    """The study is in a state that does not allow this step."""


class LeakUnexplained(WrongState):
    """The leak audit told the arms apart, or there is none, and no reason was given to open the study all the same."""


class UnknownItem(ReviewError):
    """A study has no ECG of that number."""


class StillBlinded(WrongState):
    """The truth was asked for before the study was closed."""


class OtherDesign(WrongState):
    """Answers were asked for as those of another design."""


class UnknownLink(ReviewError):
    """A reader's link that opens nothing: never issued, replaced, or withdrawn."""


class TooManyWrongLinks(UnknownLink):
    """A link that opens nothing, after many of its kind; `wait_seconds` says when another one may be tried."""

    def __init__(self, refusal: UnknownLink, wait_seconds: float) -> None:
        super().__init__(f"{refusal} {_wait_for_links(wait_seconds)}")
        self.wait_seconds = wait_seconds


class LinkExpired(UnknownLink):
    """The link was good until its date."""


class StudyNotOpen(UnknownLink):
    """The link is good, but its study has not been opened yet or is closed."""


class ConsentMissing(ReviewError):
    """The reader has not agreed to the text of the study (or not to its present version), or not said who they are."""


class ReadingPaused(UnknownLink):
    """The link is good, but the investigator has paused this reader."""


class SubmissionRefused(ReviewError):
    """An answer that was not stored."""


class InvalidSubmission(SubmissionRefused):
    """An answer that is incomplete or outside its scale."""


class UnknownPresentation(SubmissionRefused):
    """The answer names a presentation that is not one of this reader's."""


class NeverShown(SubmissionRefused):
    """The answer is to an ECG that was not shown to this reader."""


class ShownTooBriefly(SubmissionRefused):
    """The answer came before the study's minimum viewing time."""


class AlreadyRated(SubmissionRefused):
    """The presentation already has an answer, by another submission."""


class NotCorrectable(SubmissionRefused):
    """Only the reader's most recent answer can be corrected."""


class PassphraseError(ReviewError):
    """Base of what can go wrong with a passphrase."""


class WeakPassphrase(PassphraseError):
    """The passphrase is too short or too long."""


class WrongPassphrase(PassphraseError):
    """The passphrase is not that of this name, or there is no such name: which of the two is not said."""


class TooManyGuesses(PassphraseError):
    """Guessing has been slowed down; `wait_seconds` says for how long."""

    def __init__(self, wait_seconds: float) -> None:
        super().__init__(f"Too many wrong passphrases: wait {wait_seconds:.0f} s and try again.")
        self.wait_seconds = wait_seconds


class AccountError(ReviewError):
    """Base of what can go wrong with an account."""


class AccountsExist(AccountError):
    """The first account was made before."""


class InvalidAccount(AccountError):
    """A name, a role or an OpenID identity that an account cannot have."""


class DuplicateAccount(AccountError):
    """There is an account of this name or of this OpenID identity already."""


class UnknownAccount(AccountError):
    """No account has this name or number."""


class AccountDisabled(AccountError):
    """The account is known, but switched off."""


class LastInvestigator(AccountError):
    """The step would leave nobody who can run studies."""


class UnknownSetupLink(AccountError):
    """A set-up link that opens nothing: never issued, replaced, used, or expired."""


class TooManyWrongSetupLinks(UnknownSetupLink):
    """A set-up link that opens nothing, after many of its kind; `wait_seconds` says when another one may be tried."""

    def __init__(self, refusal: UnknownSetupLink, wait_seconds: float) -> None:
        super().__init__(f"{refusal} {_wait_for_links(wait_seconds)}")
        self.wait_seconds = wait_seconds


class NoAccountForIdentity(AccountError):
    """Somebody proved who they are by OpenID Connect, but has no account here."""


class PoolRefused(ReviewError):
    """ECGs that a pool cannot take."""


def _wait_for_links(seconds: float) -> str:
    return f"Too many wrong links were tried here: wait {max(seconds, 1):.0f} s before you try another one."
