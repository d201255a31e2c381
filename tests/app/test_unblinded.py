"""That a study is unblinded is to be seen in the list of studies and on its page."""

from __future__ import annotations

from app.session import Services
from tests.app.conftest import OpenApp
from tests.app.study_kit import open_study


def test_a_closed_study_is_called_closed_until_somebody_looks_at_its_truth(
    open_app: OpenApp, services: Services
) -> None:
    study, _ = open_study(services.store)
    services.store.close_study(study)

    def badges() -> list[str]:
        return [text.value for text in open_app("studies").markdown if "-badge[" in text.value]

    assert badges() == [":blue-badge[Closed]"]
    services.store.observations(study)
    assert badges() == [":violet-badge[Unblinded]"]


def test_the_page_of_an_unblinded_study_says_since_when(open_app: OpenApp, services: Services) -> None:
    study, _ = open_study(services.store)
    services.store.close_study(study)
    app = open_app("studies")
    app = next(button for button in app.button if button.label == "Manage").click().run()
    assert any("still blinded" in info.value for info in app.info)
    services.store.observations(study)
    assert any(", unblinded " in info.value for info in app.run().info)
