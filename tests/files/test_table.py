import itertools

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.table import TextTable


def rows(path, content: str, encoding: str = "utf-8"):
    path.write_bytes(content.encode(encoding))
    return TextTable(path), [row for _, row in TextTable(path).rows()]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_separators_and_encodings(tmp_path, separator, encoding):
    text = separator.join(["frame", "Kn\u00e9e_x"]) + "\r\n" + separator.join(["0", "1.5"]) + "\r\n"
    table, found = rows(tmp_path / "a.csv", text, encoding)
    assert found == [["frame", "Kn\u00e9e_x"], ["0", "1.5"]]
    assert table.header() == found[0]
    assert table.number("1.5", "a") == 1.5


def test_decimal_commas_where_the_comma_separates_nothing(tmp_path):
    table, _ = rows(tmp_path / "a.csv", "a;b\n1,5;-2\n")
    assert table.number("1,5", "a") == 1.5
    with pytest.raises(AnatomyError, match="a: expected a number, got '1,5'"):
        rows(tmp_path / "b.csv", "a,b\n")[0].number("1,5", "a")
    assert np.isnan(table.number("", "a"))
    with pytest.raises(AnatomyError, match="a number is infinite"):
        table.number("1e999", "a")


def test_comments_and_hints_are_no_rows(tmp_path):
    table, found = rows(tmp_path / "a.csv", '# {"fps": 25, "a": [1, 2]}\n\n x , y \n1,2\n')
    assert table.comment.strip() == '{"fps": 25, "a": [1, 2]}'
    assert found == [["x", "y"], ["1", "2"]]
    assert [place for place, _ in table.rows()][1].endswith("a.csv: line 4")
    table, found = rows(tmp_path / "b.csv", "sep=;\nx;y,z\n1;2\n")
    assert (table.comment, found) == ("", [["x", "y,z"], ["1", "2"]])
    table, found = rows(tmp_path / "b.csv", '"sep=;"\nx;y,z\n1;2\n')
    assert (table.comment, found) == ("", [["x", "y,z"], ["1", "2"]])
    # A spreadsheet that took the comment for cells.
    table, _ = rows(tmp_path / "c.csv", '"# {""fps"": 25";" ""a"": [1";" 2]}";;\nx;y;z;w\n')
    assert table.comment.replace(" ", "") == '{"fps":25,"a":[1,2]}'


@pytest.mark.parametrize("separator", ["\t", " ", ""])
def test_a_hint_names_any_separator(tmp_path, separator):
    cells = separator or ","
    text = f"SEP={separator}\nx{cells}y\n1{cells}2\n"
    assert rows(tmp_path / "a.csv", text)[1] == [["x", "y"], ["1", "2"]]


def test_a_hint_of_several_characters_is_refused(tmp_path):
    with pytest.raises(AnatomyError, match=r"a\.csv: expected one character after sep=, got"):
        rows(tmp_path / "a.csv", "sep=;;\nx;y\n1;2\n")


def test_names_with_underscores_are_no_numbers(tmp_path):
    table, _ = rows(tmp_path / "a.csv", "frame,x\n1_2,3\n")
    assert not table.is_number("1_2")


def test_comments_of_several_lines_and_in_words(tmp_path):
    table, found = rows(tmp_path / "a.csv", '# of clip.mp4\n# {"fps": 25}\nx,y\n1,2\n')
    assert (table.comment.strip(), found) == ('{"fps": 25}', [["x", "y"], ["1", "2"]])
    assert [place for place, _ in table.rows()][1].endswith("a.csv: line 4")


@pytest.mark.parametrize("separator", [",", ";", " "])
def test_titles_in_a_comment_above_numbers(tmp_path, separator):
    path = tmp_path / "a.csv"
    values = np.array([[1.0, 2.5], [3.0, 4.0]])
    np.savetxt(path, values, "%g", separator, header=separator.join(["x", "y"]))
    table = TextTable(path)
    assert table.header() == ["x", "y"]
    assert [row for _, row in table.rows()][1:] == [["1", "2.5"], ["3", "4"]]
    assert [place for place, _ in table.rows()][1].endswith("a.csv: line 2")


def test_titles_that_come_again_are_no_rows(tmp_path):
    _, found = rows(tmp_path / "a.csv", "x,y\n1,2\nx,y\n3,4\n3,4\n")
    assert found == [["x", "y"], ["1", "2"], ["3", "4"], ["3", "4"]]
    assert rows(tmp_path / "b.csv", " \nx,y\n1,2\nx,y\n3,4\n3,4\n")[1] == found


def test_nothing_is_read_beyond_a_bad_line(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "1,2\n" * 10 + "x" * (1 << 20) + "y\n" + "1,2\n" * 10)
    table = TextTable(path)
    assert len(list(itertools.islice(table.rows(), 11))) == 11
    with pytest.raises(AnatomyError, match=r"a\.csv: line 12: expected a line of at most 1,048,57"):
        list(table.rows())
    path.write_text('a,b\n"' + "x\n" * 200_000)
    with pytest.raises(AnatomyError, match=r"a\.csv: not a readable table \(field larger than"):
        list(table.rows())


MISSING = ["", "NA", "n/a", "#N/A", "<NA>", "null", "None", "nan", "-nan(ind)", "undefined", "-"]


@pytest.mark.parametrize("text", MISSING)
def test_missing_numbers_of_many_programs_are_gaps(tmp_path, text):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n")
    assert np.isnan(TextTable(path).number(text, "here"))


def test_an_empty_file_has_no_rows(tmp_path):
    assert rows(tmp_path / "a.csv", "")[1] == []
    assert TextTable(tmp_path / "a.csv").header() == []
