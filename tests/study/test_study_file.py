import pytest
import yaml

from research.errors import InputError
from research.stats import multiplicity
from research.study import study_file
from research.study.study_file import read_study
from research.study.workspace import Workspace

MINIMAL = {
    "id": "mine",
    "title": {"nl": "Mijn", "en": "Mine"},
    "instrument": "managerial_activities",
    "synthetic": False,
    "exports": [{"path": "a.csv", "role": "manager"}],
}


def written(tmp_path, **changes):
    path = tmp_path / "study.yaml"
    path.write_text(yaml.safe_dump(MINIMAL | changes), encoding="utf-8")
    return path


def test_a_minimal_study_has_the_documented_defaults(tmp_path):
    study, _ = read_study(written(tmp_path))
    assert study.contrast == "customer - manager"
    assert (study.margin, study.confidence_level) == (0.3, 0.95)
    assert (study.families.activities, study.privacy.minimum_n) == ("holm", 10)


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"exprots": []}, r"exprots: unknown key. Did you mean 'exports'\?"),
        ({"columns": {"respondant": "x"}}, r"Did you mean 'respondent'\?"),
        ({"exports": [{"path": "a.csv", "rol": "manager"}]}, r"exports.0.rol: unknown key. Did you mean 'role'\?"),
        ({"privacy": {"minimum": 3}}, "privacy.minimum: unknown key"),
        ({"privacy": {"minimum_n": 3}}, "greater than or equal to 5"),
        ({"exports": [{"path": "a.csv", "role": "boss"}]}, "role 'boss' is unknown. Known here: customer, manager"),
        ({"margin": 4}, "as wide as the whole scale"),
        ({"power_cluster": "powr"}, "Did you mean 'power'"),
        ({"families": {"activities": "bonf"}}, "'holm', 'fdr_bh' or 'none'"),
        ({"columns": {"activities": {"a99": "Q1"}}}, "'a99' is no activity"),
        ({"languages": ["nl", "nl"]}, "a language stands twice"),
        ({"conduct": {"ethic": {"nl": "a", "en": "b"}}}, r"conduct.ethic: unknown key. Did you mean 'ethics'\?"),
        ({"conduct": {"ethics": {"nl": "a"}}}, "conduct.ethics.en: Field required"),
        ({"questions": {"primary": ["powr"]}}, "questions.primary.0: Input should be 'valued', 'power'"),
        ({"questions": {"primary": ["power"], "secondary": ["power"]}}, "a question stands twice"),
        ({"deviations": [{"what": {"nl": "a", "en": "b"}}]}, "deviations.0.why: Field required"),
        ({"id": "../x"}, "String should match pattern"),
        ({"instrument": "unknown"}, "neither a file nor comes with the package"),
    ],
)  # fmt: skip
def test_a_wrong_study_file_is_refused_in_words(tmp_path, changes, match):
    with pytest.raises(InputError, match=match):
        read_study(written(tmp_path, **changes))


def test_yaml_that_is_none_names_the_line(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text("id: mine\n  title: [", encoding="utf-8")
    with pytest.raises(InputError, match="study.yaml, line 2"):
        read_study(path)


def test_an_unknown_study_names_the_known_ones(tmp_path):
    (tmp_path / "data/raw/example").mkdir(parents=True)
    (tmp_path / "data/raw/example/study.yaml").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="Did you mean 'example'"):
        Workspace(tmp_path).study_path("exmaple")
    with pytest.raises(InputError, match="was not found"):
        Workspace(tmp_path).study_path("../example")


def test_the_two_lists_of_corrections_are_the_same():
    """The study file may not import the statistics, so the closed list stands in both."""
    assert study_file.ADJUST_METHODS == multiplicity.ADJUST_METHODS
