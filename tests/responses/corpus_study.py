"""Cases of the study file: what it names, what it says, and whether it can be read."""

import os

import pytest
from tests.responses.corpus import GOOD, loads, refused

STUDY = """id: small
title: {nl: Klein, en: Small}
instrument: instrument.yaml
synthetic: true
exports:
  - path: e.csv
columns: {respondent: id, organisation: org, role: role}
"""


@refused("", names="gone.csv", says=("gone.csv", "not there", "beside the study file"),
         study={"exports": [{"path": "gone.csv"}]})  # fmt: skip
def export_that_is_not_there():
    return {"e.csv": GOOD}


@refused("", names="Klanten.csv", says=("Klanten.csv", "Did you mean 'klanten.csv'?"),
         study={"exports": [{"path": "Klanten.csv"}]})  # fmt: skip
def export_spelt_otherwise():
    return {"klanten.csv": GOOD}


@refused("", names="exports", says=("exports:", "it is a folder"),
         study={"exports": [{"path": "exports"}]})  # fmt: skip
def folder_instead_of_a_file():
    return {"exports/e.csv": GOOD}


@loads(3, study={"exports": [{"path": "exports/e.csv"}]})
def export_in_a_folder_of_its_own():
    return {"exports/e.csv": GOOD}


@refused("", says=("may not be read", "rights"))
def export_without_permission():
    if os.geteuid() == 0:
        pytest.skip("root may read every file")
    return GOOD


@refused("", names="secret.csv", says=("secret.csv:", "leads out of the folder", "beside the study file"),
         study={"exports": [{"path": "../../../secret.csv"}]})  # fmt: skip
def path_that_leads_out_of_the_study():
    return {"../../../secret.csv": GOOD}


@refused("", names="passwd", says=("passwd:", "leads out of the folder"),
         study={"exports": [{"path": "/etc/passwd"}]})  # fmt: skip
def path_from_the_root_of_the_machine():
    return GOOD


@refused("", names="study.yaml", says=("study.yaml, line 2", "Check indentation and quotes"),
         study_file=STUDY.replace("Klein,", "Klein"))  # fmt: skip
def study_file_that_is_no_yaml():
    return GOOD


@refused("", names="study.yaml", says=("study.yaml, line 6", "tab"),
         study_file=STUDY.replace("  - path", "\t- path"))  # fmt: skip
def study_file_with_a_tab():
    return GOOD


@refused("", names="study.yaml", says=("study.yaml", "between quotes"),
         study_file=STUDY + "period: {nl: 2026-02-30, en: x}\n")  # fmt: skip
def study_file_with_a_day_that_is_none():
    return GOOD


@refused("", names="study.yaml", says=("study.yaml", "cannot be read"),
         study_file=STUDY + "[seed]: 3\n")  # fmt: skip
def study_file_with_a_list_for_a_key():
    return GOOD


@refused("", names="study.yaml", says=("exprots: unknown key", "Did you mean 'exports'?"),
         study_file=STUDY.replace("exports", "exprots"))  # fmt: skip
def study_file_with_an_unknown_key():
    return GOOD


@refused("", names="study.yaml", says=("the key 'title' stands twice",),
         study_file=STUDY + "title: {nl: K, en: S}\n")  # fmt: skip
def study_file_with_a_key_twice():
    return GOOD


@refused("", names="study.yaml", says=("margin", "valid number"),
         study_file=STUDY + "margin: big\n")  # fmt: skip
def study_file_with_a_wrong_type():
    return GOOD


@refused("", names="study.yaml", says=("study.yaml", "holds no keys"), study_file="")
def empty_study_file():
    return GOOD


@refused("", names="study.yaml", says=("study.yaml", "Save it as UTF-8"),
         study_file=STUDY.replace("Klein", "Kl\udce9in"))  # fmt: skip
def study_file_that_is_not_utf_8():
    return GOOD


@refused("", names="Instrument", says=("Instrument 'no_such'", "neither a file nor"),
         study={"instrument": "no_such"})  # fmt: skip
def unknown_instrument():
    return GOOD


@refused("", names="study.yaml", says=("id: other", "must be the same"), study={"id": "other"})
def study_file_with_the_name_of_another():
    return GOOD


@refused("", names="study.yaml", says=("role 'boss' is unknown",),
         study={"exports": [{"path": "e.csv", "role": "boss"}]})  # fmt: skip
def export_with_an_unknown_role():
    return GOOD


@refused("", names="study.yaml", says=("'a09' is no activity",),
         study={"columns": {"activities": {"a09": "x"}}})  # fmt: skip
def column_for_an_unknown_activity():
    return GOOD


@refused("", names="study.yaml", says=("layout", "'csv'", "'limesurvey'"),
         study={"exports": [{"path": "e.csv", "layout": "exel"}]})  # fmt: skip
def unknown_layout():
    return GOOD
