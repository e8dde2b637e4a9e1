"""The rules that a machine can keep, kept by a machine."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from portal.core import access

ROOT = Path(__file__).parents[1]
SOURCES = sorted(ROOT.glob("portal/**/*.py"))
TEMPLATES = sorted(path for path in ROOT.glob("templates/**/*") if path.is_file())
PAGES = [path for path in TEMPLATES if path.suffix == ".html" and "emails" not in path.parts]
VAGUE = {"utils", "helpers", "common", "base", "manager", "service", "misc"}
READS_THE_CLOCK = re.compile(
    r"datetime\.now\(|date\.today\(|datetime\.today\(|utcnow\(|\btime\.time\("
)
CLOCKS = {
    "portal/core/clock.py",  # it is the clock
    "portal/core/stripe_gateway.py",  # signatures carry the time that Stripe has
    "portal/demo/sandbox/",  # plays another company, in a process of its own
}


def name_of(path):
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path):
    return ast.parse(path.read_text())


@cache
def nodes_of(path):
    return list(ast.walk(tree_of(path)))


def test_an_undeclared_view_stops_the_app(app, monkeypatch):
    monkeypatch.setitem(app.view_functions, "rogue", lambda: "hi")
    with pytest.raises(RuntimeError, match="rogue"):
        access.require_every_view_to_declare(app)


def test_addresses_are_kebab_case_with_typed_parameters(app):
    for rule in app.url_map.iter_rules():
        for part in rule.rule.split("/"):
            for parameter in re.findall(r"<([^>]*)>", part):
                assert ":" in parameter, rule
            plain = re.sub(r"<[^>]*>", "", part)
            assert re.fullmatch(r"[a-z0-9.-]*", plain), rule


def test_every_template_compiles(app):
    for name in app.jinja_env.list_templates(extensions=["html", "txt"]):
        app.jinja_env.get_template(name)


def test_every_template_is_used():
    said = "".join(path.read_text() for path in (*SOURCES, *TEMPLATES))
    for path in TEMPLATES:
        name = path.relative_to(ROOT / "templates").as_posix()
        short = re.sub(r"^emails/|^documents/|\.txt$|\.typ$", "", name)
        # events tells what happened by its last word alone: tell(registration, "called_off")
        words = (name, short, path.name, path.stem if name.startswith("emails/events/") else name)
        assert any(f'"{word}"' in said for word in words), name


def test_files_are_short():
    for path in SOURCES:
        assert len(path.read_text().splitlines()) <= 300, name_of(path)
    for path in TEMPLATES:
        assert len(path.read_text().splitlines()) <= 150, name_of(path)


def test_functions_are_short():
    for path in SOURCES:
        for node in nodes_of(path):
            if isinstance(node, ast.FunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                assert length <= 40, f"{name_of(path)}: {node.name} has {length} lines"


def test_no_module_has_a_vague_name():
    for path in SOURCES:
        assert path.stem not in VAGUE, name_of(path)


def test_every_module_says_what_it_is():
    for path in SOURCES:
        assert not tree_of(path).body or ast.get_docstring(tree_of(path)), name_of(path)


def test_no_template_switches_escaping_off():
    for path in TEMPLATES:
        text = path.read_text()
        assert not re.search(r"\|\s*safe\b|autoescape\s+false", text), name_of(path)


def test_no_page_carries_its_own_style_or_script():
    alone = "templates/demo/year.html"  # a file that opens by itself, not a page of the portal
    for path in (one for one in PAGES if name_of(one) != alone):
        tags = re.findall(r"<[a-z][^>]*>", path.read_text(), re.DOTALL)
        for tag in tags:
            assert not re.search(r"\s(style|on[a-z]+)\s*=", tag), (name_of(path), tag)
            assert not (tag.startswith("<script") and "src=" not in tag), (name_of(path), tag)
            assert not tag.startswith("<style"), (name_of(path), tag)


def test_imports_stand_at_the_top():
    for path in SOURCES:
        for node in nodes_of(path):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                inside = [
                    one for one in ast.walk(node) if isinstance(one, ast.Import | ast.ImportFrom)
                ]
                assert not inside, f"{name_of(path)}: {node.name}"


def test_only_the_clock_reads_the_clock():
    for path in SOURCES:
        if not name_of(path).startswith(tuple(CLOCKS)):
            assert not READS_THE_CLOCK.search(path.read_text()), name_of(path)


def test_no_money_is_ever_a_float():
    rooms = ("portal/dues/", "portal/core/money.py", "portal/events/", "portal/joining/")
    for path in SOURCES:
        if name_of(path).startswith(rooms):
            names = {node.id for node in nodes_of(path) if isinstance(node, ast.Name)}
            assert "float" not in names, name_of(path)


def test_the_repository_names_no_path_of_one_machine():
    words = re.compile(r"(?<![\w.])/(?:work|root)/")
    for folder in ("portal", "templates", "content", "migrations", "tests"):
        for path in ROOT.glob(f"{folder}/**/*"):
            if path.suffix in {".py", ".html", ".txt", ".md", ".toml", ".csv", ".typ"}:
                found = words.search(path.read_text())
                assert not found or path == Path(__file__), name_of(path)
