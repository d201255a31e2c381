"""What is sent of an ECG: its samples, and for the rest what is sent of every ECG."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from itertools import product

import numpy as np
import pytest

from app.display import paper as page
from app.display.paper import PaperFormat
from app.display.sheet import ASSETS, MODULES, sheet_data
from app.display.sheet_samples import interpolation
from app.reading import answering
from app.reading.papers import MEASURING_KEYS
from engine.ecg import Ecg, EcgError
from engine.harmonise import decode, encode, harmonise
from review_db.protocol import Design
from tests.engine.conftest import made_up_ecg


def test_ecgs_differ_in_their_samples_only_and_not_in_length() -> None:
    sent = [sheet_data(made_up_ecg(seed, heart_rate=rate)) for seed, rate in ((1, 50), (2, 72), (3, 140))]
    assert len({len(json.dumps(data)) for data in sent}) == 1
    assert len({data.pop("samples") for data in sent}) == 3 and sent[0] == sent[1] == sent[2]


def sent_samples(ecg: Ecg) -> np.ndarray:
    return np.frombuffer(base64.b64decode(sheet_data(ecg)["samples"]), "<i2").reshape(12, -1)


def test_a_harmonised_ecg_is_sent_without_loss() -> None:
    ecg = decode(encode(harmonise(made_up_ecg(4))))
    sent = sent_samples(ecg)
    assert sent.shape == (12, 1000) and np.abs(sent / 1000 - ecg.signal).max() < 1e-6


def test_of_any_other_ecg_the_drawn_curves_are_sent_in_microvolts() -> None:
    ecg = made_up_ecg(4, rate=250, seconds=12)
    sent = sent_samples(ecg)
    assert sent.shape == (12, page.DRAWN_POINTS) and np.abs(sent - 1000 * page.drawn_signal(ecg)).max() <= 0.5 + 1e-3


def test_the_weights_that_are_sent_make_the_drawn_curve() -> None:
    ecg = decode(encode(harmonise(made_up_ecg(8))))
    reach = interpolation()["reach"]
    weights = np.frombuffer(base64.b64decode(interpolation()["weights"]), "<f4").reshape(-1, 2 * reach)
    padded = np.pad(ecg.signal, ((0, 0), (reach, reach)), mode="reflect", reflect_type="odd")
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach, axis=1)[:, 1:]  # as samples.js walks
    assert np.allclose((around @ weights.T).reshape(12, -1), page.drawn_signal(ecg), atol=1e-5)


def test_an_amplitude_beyond_sixteen_bits_stays_off_the_page_instead_of_wrapping_round() -> None:
    signal = np.zeros((12, 1000))
    signal[:, 300:400], signal[:, 600:700] = 60.0, -60.0
    sent = np.frombuffer(base64.b64decode(sheet_data(Ecg(signal, 100.0))["samples"]), "<i2")
    assert (sent.max(), sent.min()) == (32767, -32768)


def test_an_ecg_that_is_too_short_is_refused_in_words() -> None:
    with pytest.raises(EcgError, match="lasts only 2.5 s"):
        sheet_data(made_up_ecg(1, seconds=2.5))


def test_the_table_has_a_page_for_every_choice() -> None:
    table = sheet_data(made_up_ecg(5), PaperFormat(speed=6.25, gain=2.5))["table"]
    choices = table["choices"]
    assert 6.25 in choices["speed"] and 2.5 in choices["gain"]
    for name, speed, gain in product(choices["arrangement"], choices["speed"], choices["gain"]):
        assert table["pages"][f"{name}|{speed:g}|{gain:g}"]["height"] > 0
    for name, columns, order in product(choices["arrangement"], choices["columns"], choices["order"]):
        assert len(table["strips"][f"{name}|{columns}|{order}"]) >= 12
    assert {name: table["first"][name] in choices[name] for name in choices} == dict.fromkeys(choices, True)


def test_the_scale_is_part_of_the_reader_s_choice_and_never_of_the_ecg() -> None:
    small, tall = made_up_ecg(6), Ecg(5 * made_up_ecg(6).signal, 100)
    assert sheet_data(small)["table"] == sheet_data(tall)["table"]


def test_keys_that_measure_while_reading_answer_nothing() -> None:
    answering_keys = {key for design in Design for key in answering.main_question(design).keys.values()}
    answering_keys |= {*answering.PLAUSIBILITY_KEYS, *answering.BESIDE_KEYS, *answering.REASON_KEYS.values()}
    answering_keys |= {answering.PAUSE_KEY, answering.CHANGE_KEY, answering.BOTH_KEY, answering.LARGE_KEY}
    measuring = set(vars(MEASURING_KEYS).values())
    assert len(measuring) == 4 and not measuring & (answering_keys | {"C", "R"})


def test_every_file_of_the_sheet_is_used() -> None:
    assert {file.stem for file in ASSETS.glob("*.js")} == set(MODULES)


def test_importing_the_sheet_reads_no_file() -> None:
    watch = (
        "import sys; opened = []; sys.addaudithook(lambda name, args: name == 'open' and opened.append(str(args[0])))"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"{watch}\nimport app.display.sheet\nassert not [f for f in opened if 'assets' in f]"],
        check=False,
    )
    assert done.returncode == 0
