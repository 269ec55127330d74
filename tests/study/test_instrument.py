import copy

import pytest
import yaml

from research.errors import InputError
from research.study.instrument import packaged_instruments, read_instrument, read_yaml


@pytest.fixture
def content():
    return read_yaml(packaged_instruments()["managerial_activities"])


def refused(tmp_path, content, match):
    (tmp_path / "changed.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(InputError, match=match):
        read_instrument("changed.yaml", folder=tmp_path)


def test_thirty_activities_lie_in_four_clusters():
    instrument = read_instrument("managerial_activities")
    sizes = [len(instrument.activities_of(cluster)) for cluster in instrument.cluster_ids]
    assert sizes == [7, 8, 8, 7]
    assert instrument.activity_ids == [f"a{number:02d}" for number in range(1, 31)]
    assert instrument.illustrative


def test_every_check_is_listed_and_passes():
    checks = read_instrument("managerial_activities").checks()
    assert len(checks) >= 9
    assert all(check.passed for check in checks)


def test_an_unknown_key_names_the_nearest(tmp_path, content):
    content["activites"] = []
    refused(tmp_path, content, r"activites: unknown key. Did you mean 'activities'\?")


def test_an_unknown_key_deep_down_is_found_too(tmp_path, content):
    content["scale"]["midpint"] = 3
    refused(tmp_path, content, r"scale.midpint: unknown key. Did you mean 'midpoint'\?")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda c: c["activities"].append(copy.deepcopy(c["activities"][0])), "ids are unique: a01"),
        (lambda c: c["activities"][0].update(cluster="nowhere"), "known cluster: nowhere"),
        (lambda c: c["clusters"].append({"id": "extra", "label": {"nl": "x", "en": "x"}}), "every cluster is used: extra"),
        (lambda c: c["scale"]["labels"]["nl"].pop(), "nl: 4 for 5 points"),
        (lambda c: c["scale"].update(midpoint=6), "midpoint lies inside"),
        (lambda c: c["activities"][2]["label"].pop("nl"), "activities.2.label.nl: Field required"),
        (lambda c: c["activities"][2]["label"].update(en=""), "at least 1 character"),
        (lambda c: c["scale"]["missing_words"]["nl"].append("neutraal"), "missing words are not points"),
    ],
)  # fmt: skip
def test_a_broken_instrument_is_refused_with_the_rule(tmp_path, content, change, match):
    change(content)
    refused(tmp_path, content, match)


def test_a_key_that_stands_twice_is_refused(tmp_path):
    (tmp_path / "twice.yaml").write_text("id: a\nversion: 1\nid: b\n", encoding="utf-8")
    with pytest.raises(InputError, match="twice.yaml, line 3: the key 'id' stands twice"):
        read_instrument("twice.yaml", folder=tmp_path)


def test_an_unknown_instrument_names_the_nearest(tmp_path):
    with pytest.raises(InputError, match="Did you mean 'managerial_activities'"):
        read_instrument("managerial_activity", folder=tmp_path)
