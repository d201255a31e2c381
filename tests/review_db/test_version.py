"""Which program it was can be told from its digest."""

from pathlib import Path

from review_db.report.sources import software
from review_db.version import VERSION, product, source_digest


def test_any_change_of_any_file_changes_the_digest(tmp_path: Path) -> None:
    (tmp_path / "engine").mkdir()
    file = tmp_path / "engine" / "a.py"
    seen = set()
    for name, content in (("a.py", "1"), ("a.py", "2"), ("b.py", "2")):
        file = file.rename(file.with_name(name)) if file.exists() else file
        file.write_text(content)
        source_digest.cache_clear()
        seen.add(source_digest(tmp_path))
    source_digest.cache_clear()
    assert len(seen) == 3


def test_a_report_names_the_program_first_then_its_libraries() -> None:
    assert software()[0] == ("ECG Turing test", product()) and VERSION in product()
    assert "numpy" in dict(software())
