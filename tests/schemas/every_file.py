"""Asks a JSON-schema library of its own about every shipped file: the committed schemas take it, and
refuse it with a key that nobody knows. Exit 77 where the library is missing."""
import json
import pathlib
import sys
import tomllib

try:
    import jsonschema
except ImportError:
    print("python3-jsonschema is missing: skipped")
    sys.exit(77)

ROOT = pathlib.Path(sys.argv[1])
DIRECTIVE = "#:schema "


def schema_of(file):
    """The schema that the file's first line names, as an editor resolves it."""
    first = file.read_text().splitlines()[0]
    if not first.startswith(DIRECTIVE):
        return None
    return (file.parent / first.removeprefix(DIRECTIVE)).resolve()


def judge(problems, checked):
    validators = {}
    for folder in ("scenarios", "topologies"):
        for file in sorted((ROOT / folder).rglob("*.toml")):
            path = schema_of(file)
            if path is None or not path.is_file():
                problems.append(f"{file}: its first line names no schema (#:schema ...json)")
                continue
            if path not in validators:
                schema = json.loads(path.read_text())
                jsonschema.Draft4Validator.check_schema(schema)
                validators[path] = jsonschema.Draft4Validator(schema)
            content = tomllib.loads(file.read_text())
            for error in validators[path].iter_errors(content):
                problems.append(f"{file}: {error.message[:300]}")
            if validators[path].is_valid(content | {"no_such_key": 1}):
                problems.append(f"{file}: {path.name} takes a key that nobody knows")
            checked.append(file)


def main():
    problems, checked = [], []
    judge(problems, checked)
    for problem in problems:
        print(problem)
    print(f"{len(checked)} files, {len(problems)} problems")
    return 1 if problems or len(checked) < 50 else 0


if __name__ == "__main__":
    sys.exit(main())
