"""Schemas out of the keywords that answers can be held to, the same ones every time, and whether a value keeps to one.

The check is written from the standard's words and knows nothing of how ledge compiles schemas.
"""

import math
import random
import re


class Generator:
    def __init__(self, seed=3):
        self.chance = random.Random(seed)

    def schema(self, depth=2):
        """An object, as most of what programs ask for."""
        chance = self.chance
        names = [self.word(i) for i in range(chance.randint(1, 5))]
        properties = {name: self.value(depth - 1) for name in names}
        made = {"type": "object", "properties": properties,
                "required": [name for name in names if chance.random() < 0.7], "additionalProperties": False}
        if chance.random() < 0.2:  # a list of itself
            made["properties"]["more"] = {"type": "array", "items": {"$ref": "#"}, "maxItems": 1}
        return made

    def word(self, index):
        return f"{self.chance.choice(('name', 'size', 'kind', 'état', 'a b'))}{index}"

    def value(self, depth):
        chance = self.chance
        simple = [self.text, self.whole, self.real, lambda: {"type": "boolean"}, lambda: {"type": "null"},
                  lambda: {"enum": ["red", 7, None, "two words"][:chance.randint(1, 4)]},
                  lambda: {"const": self.word(0)}]
        if depth > 0:
            simple += [lambda: self.array(depth), lambda: self.inner(depth),
                       lambda: {"anyOf": [self.value(depth - 1), {"type": "null"}]}]
        return chance.choice(simple)()

    def inner(self, depth):
        names = [self.word(i) for i in range(self.chance.randint(1, 3))]
        return {"type": "object", "properties": {name: self.value(depth - 1) for name in names}, "required": names,
                "additionalProperties": False}

    def text(self):
        chance = self.chance
        least = chance.randint(0, 4)
        return chance.choice(({"type": "string", "minLength": least, "maxLength": least + chance.randint(1, 12)},
                              {"type": "string", "pattern": f"^[a-f]{{{least},6}}(-[0-9]{{2}}|x)?$"},
                              {"type": "string", "format": chance.choice(("date", "uuid", "ipv4"))}))

    def whole(self):
        low = self.chance.randint(-1000, 1000)
        return {"type": "integer", "minimum": low, "maximum": low + self.chance.randint(0, 5000)}

    def real(self):
        low = self.chance.randint(-400, 400) / 8
        return {"type": "number", "minimum": low, "exclusiveMaximum": low + self.chance.randint(1, 999) / 4}

    def array(self, depth):
        least = self.chance.randint(0, 2)
        return {"type": "array", "items": self.value(depth - 1), "minItems": least,
                "maxItems": least + self.chance.randint(0, 3)}


FORMATS = {"date": r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])",
           "uuid": r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
           "ipv4": r"((25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(\.(?!$)|$)){4}"}
KINDS = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def is_of_type(name, value):
    if name in ("integer", "number"):
        number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
        return number and (name == "number" or float(value).is_integer())
    return isinstance(value, KINDS[name])


def same(a, b):
    """JSON's equality, in which true is not 1."""
    return type(a) is type(b) and a == b


def keeps_to(schema, value, root=None):
    root = schema if root is None else root
    # The generator writes nothing beside these two, and "#" alone as a reference.
    if "$ref" in schema:
        return keeps_to(root, value, root)
    if "anyOf" in schema:
        return any(keeps_to(one, value, root) for one in schema["anyOf"])
    if "enum" in schema and not any(same(one, value) for one in schema["enum"]):
        return False
    if "const" in schema and not same(schema["const"], value):
        return False
    if "type" in schema and not is_of_type(schema["type"], value):
        return False
    if isinstance(value, dict):
        known = schema.get("properties", {})
        if any(name not in value for name in schema.get("required", ())) or any(name not in known for name in value):
            return False
        return all(keeps_to(known[name], inner, root) for name, inner in value.items())
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", math.inf):
            return False
        return all(keeps_to(schema["items"], inner, root) for inner in value)
    if isinstance(value, str):
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", math.inf):
            return False
        if "pattern" in schema and re.search(schema["pattern"], value) is None:
            return False
        return "format" not in schema or re.fullmatch(FORMATS[schema["format"]], value) is not None
    if is_of_type("number", value):
        return schema.get("minimum", -math.inf) <= value <= schema.get("maximum", math.inf) \
            and value < schema.get("exclusiveMaximum", math.inf)
    return True
