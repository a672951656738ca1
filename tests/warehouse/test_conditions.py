import pytest

from etl.errors import ConfigError
from warehouse.conditions import NO_CONDITIONS, as_text, conditions_of, conditions_of_texts
from warehouse.dimensions import BY_NAME, NOT_KNOWN

BROWSER, DEVICE = BY_NAME["browser"], BY_NAME["device_type"]


@pytest.mark.parametrize(
    ("given", "values"),
    [
        pytest.param("Firefox", ("Firefox",), id="one value"),
        pytest.param(["b", "a", "b"], ("a", "b"), id="any of several, each once"),
        pytest.param(("b", None), ("b", None), id="not known comes last"),
        pytest.param(None, (None,), id="not known"),
        pytest.param(NOT_KNOWN, (None,), id="not known as text"),
        pytest.param("= >= 30", (">= 30",), id="a value that looks like an operator"),
        pytest.param("=Zen", ("Zen",), id="equals without a blank"),
        pytest.param("= (not known)", (NOT_KNOWN,), id="a value that reads like not known"),
        pytest.param("docs/*", ("docs/*",), id="a star is a sign, where there are no pages"),
        pytest.param("1.2", ("1.2",), id="a number is a text"),
    ],
)
def test_condition_takes_these_values(given, values):
    assert conditions_of({"browser": given}) == (("browser", values),)


@pytest.mark.parametrize("given", [[], (), set()], ids=repr)
def test_condition_without_values_is_refused_and_does_not_take_everything(given):
    with pytest.raises(ConfigError, match="browser has no value"):
        conditions_of({"browser": given})
    assert NO_CONDITIONS.with_values(BROWSER, ["Zen"]).with_values(BROWSER, given) == ()


def test_conditions_are_parsed_once():
    parsed = conditions_of({"campaign": "= >= 30"})
    assert conditions_of(parsed) is parsed


@pytest.mark.parametrize(
    ("name", "value", "form"),
    [
        ("browser", "!= Firefox", "'!='"),
        ("browser", "!=Firefox", "'!='"),
        ("browser", ">= 30", "'>='"),
        ("browser", "<30", "'<'"),
        ("campaign", "30..600", r"'\.\.'"),
        ("entry_page", "/docs/*", r"'\*'"),
        ("exit_page", "/docs/*", r"'\*'"),
    ],
)
def test_form_that_is_not_built_yet_is_refused_and_never_a_value(name, value, form):
    with pytest.raises(ConfigError, match=f"uses {form}.* cannot do yet") as refused:
        conditions_of({name: value})
    escaped = f"= {value}"
    assert f"write it as '{escaped}'" in str(refused.value)
    assert conditions_of({name: escaped}) == ((name, (value,)),)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        pytest.param({"browsers": "x"}, "Did you mean 'browser'", id="a name nearly right"),
        pytest.param({"colour": "x"}, "Known: asset, browser", id="a name of nothing"),
        pytest.param({"browser": ""}, "browser has no value", id="an empty text"),
        pytest.param({"browser": "= "}, "browser has no value", id="equals nothing"),
        pytest.param({"browser": 3}, "browser is 3. Wanted a text", id="a number"),
        pytest.param({"browser": [3]}, "browser is 3. Wanted a text", id="a number in a list"),
        pytest.param({"device_type": "tablets"}, "Did you mean 'tablet'", id="no such device"),
        pytest.param(["browser"], "Wanted values by name", id="no mapping"),
    ],
)
def test_condition_that_makes_no_sense_is_refused(given, sentence):
    with pytest.raises(ConfigError, match=sentence):
        conditions_of(given)


@pytest.mark.parametrize(
    ("texts", "conditions"),
    [
        (["browser=Firefox"], {"browser": "Firefox"}),
        (["browser = Firefox "], {"browser": "Firefox"}),
        (["browser=Zen", "os=Linux", "browser=Edge"], {"browser": ["Zen", "Edge"], "os": "Linux"}),
        (["browser=(not known)"], {"browser": None}),
        (["entry_page=/search?a=b"], {"entry_page": "/search?a=b"}),
        (["campaign== >= 30"], {"campaign": "= >= 30"}),
        ([], {}),
    ],
)
def test_text_form_says_the_same(texts, conditions):
    assert conditions_of_texts(texts) == conditions_of(conditions)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("browser", "is no condition. Wanted NAME=VALUE"),
        ("=Firefox", "is no condition"),
        ("browser=", "has no value"),
        ("browser!=Firefox", "'!='"),
        ("browser>=30", "'>='"),
        ("colour=red", "Unknown dimension 'colour'"),
    ],
)
def test_text_that_is_no_condition_is_refused(text, sentence):
    with pytest.raises(ConfigError, match=sentence):
        conditions_of_texts([text])


@pytest.mark.parametrize(
    "value", ["Zen", None, ">= 30", "= x", NOT_KNOWN, "1..2", "unknown", " a", "a ", "\xa0a\n"]
)
def test_text_of_a_value_chooses_that_value(value):
    text = as_text(BROWSER, value)
    for chosen in (conditions_of({"browser": [text]}), conditions_of_texts([f"browser={text}"])):
        assert chosen.values("browser") == (value,)


def test_device_has_a_word_of_its_own_for_not_known():
    assert as_text(DEVICE, None) == "unknown"
    for word in ("unknown", NOT_KNOWN, None):
        assert conditions_of({"device_type": word}).values("device_type") == (None,)
