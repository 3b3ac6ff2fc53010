import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.serving.refusal import RefusedError, refusing


@pytest.mark.parametrize(("where", "told"), [("", "too many"), ("pixels", "pixels: too many")])
def test_an_error_of_the_content_is_an_invalid_argument(where: str, told: str) -> None:
    with pytest.raises(RefusedError) as refused, refusing(where):
        raise AnatomyError("too many")
    assert (refused.value.code, refused.value.message) == ("INVALID_ARGUMENT", told)


def test_a_refusal_keeps_its_code() -> None:
    with pytest.raises(RefusedError) as refused, refusing("pixels"):
        raise RefusedError("NOT_FOUND", "no such version")
    assert (refused.value.code, refused.value.message) == ("NOT_FOUND", "no such version")


def test_a_fault_of_the_program_stays_one() -> None:
    with pytest.raises(KeyError), refusing():
        raise KeyError
