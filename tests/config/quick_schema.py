"""A validator of the config's JSON Schema that looks up what a `type` asks for, where others try each type in turn.

Most of the schema says "if the type is Dense, then ...", some 360 times.
"""

from functools import cache

from jsonschema import Draft202012Validator
from jsonschema.validators import extend


def asked(part):
    """The type that a part of an `allOf` is for; None if it says anything else."""
    condition = part.get("if")
    if not isinstance(condition, dict) or set(part) != {"if", "then"}:
        return None
    name = condition.get("properties", {}).get("type", {}).get("const")
    plain = {"required": ["type"], "properties": {"type": {"const": name}}}
    return name if isinstance(name, str) and condition == plain else None


def quick_validator(schema):
    """A validator whose keyword `allOf` passes over the parts that are for other types.

    Args:
        schema: The config's, or part of it; it must not change afterwards.
    """

    @cache
    def types(number):
        return [asked(part) for part in lists[number]]

    def every(validator, parts, instance, _):
        own = instance.get("type", "") if isinstance(instance, dict) else None
        lists[id(parts)] = parts
        for index, name in enumerate(types(id(parts))):
            if name is None or own is None or name == own:
                yield from validator.descend(instance, parts[index], schema_path=index)

    lists = {}
    return extend(Draft202012Validator, {"allOf": every})(schema)
