"""What can go wrong in a reader study, each a sentence that says what to do.

Every error a person can cause is a `ReviewError`, so a screen catches one class and shows its words.
Messages that a reader can see never name an arm, an origin or an item.
"""


class ReviewError(Exception):
    """Base of all errors of this package; `str(error)` is fit to be shown to a person."""


class StoreUnavailable(ReviewError):
    """The database cannot be reached or refused the write; nothing was stored."""


class StoreOutOfDate(ReviewError):
    """The tables of the database are not those of this version of the program."""


class InvalidPlan(ReviewError):
    """A study plan that cannot become a study."""


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
    """The leak audit told the arms apart and no reason was given to open the study all the same."""


class UnknownItem(ReviewError):
    """A study has no ECG of that number."""


class StillBlinded(WrongState):
    """The truth was asked for before the study was closed."""


class UnknownLink(ReviewError):
    """A reader's link that opens nothing: never issued, replaced, or withdrawn."""


class StudyNotOpen(UnknownLink):
    """The link is good, but its study has not been opened yet or is closed."""


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
    """Base of what can go wrong with the investigator's passphrase."""


class WeakPassphrase(PassphraseError):
    """The passphrase is too short or too long."""


class PassphraseAlreadySet(PassphraseError):
    """A first passphrase was set before."""


class PassphraseNotSet(PassphraseError):
    """There is no passphrase yet."""


class WrongPassphrase(PassphraseError):
    """The passphrase is not the investigator's."""


class TooManyGuesses(PassphraseError):
    """Guessing has been slowed down; `wait_seconds` says for how long."""

    def __init__(self, wait_seconds: float) -> None:
        super().__init__(f"Too many wrong passphrases: wait {wait_seconds:.0f} s and try again.")
        self.wait_seconds = wait_seconds
