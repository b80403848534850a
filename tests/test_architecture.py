"""The house in order: held by the syntax tree against the table of rooms (tools/rooms.py)."""

import pytest

from tools import rooms

in_the_making = pytest.mark.xfail(reason="the files are still on their way to their rooms")


def test_every_file_stands_in_a_room():
    assert not rooms.strays()


@in_the_making
def test_imports_point_down_even_inside_functions():
    assert not rooms.upward()


@in_the_making
def test_no_circle_stands_anywhere():
    assert not rooms.circles()


@in_the_making
def test_an_area_has_one_name_in_every_room():
    assert not rooms.misnamed()


@in_the_making
def test_files_functions_and_lines_keep_their_size():
    assert not rooms.oversized()
