"""Where main.bicep would give the right to deploy templates, for any zones and settings: its expressions are worked out here,
since the compiler is not everywhere."""

from pathlib import Path

from pycep import BicepParser

INFRA = Path(__file__).resolve().parent.parent
MODULE = "modules/role-deployments.bicep"


class Values:
    """Expressions of one file, by the values of what they name."""

    def __init__(self, tree: dict, known: dict):
        self.tree, self.known = tree, known

    def of(self, node):
        """The value of an expression; a name that is not known is a text."""
        if isinstance(node, list):
            return [self.of(one) for one in node]
        if isinstance(node, str):
            return self.named(node)
        if not isinstance(node, dict):
            return node
        if "loop_type" in node:
            return [inner.of(node["config"]) for inner in self.each(node) if inner.holds(node)]
        if "function" in node:
            return self.called(node["function"])
        return self.joined(node["operator"])

    def each(self, loop: dict) -> list["Values"]:
        """The same for each element of what a loop goes through."""
        detail = loop["loop_type"]["detail"]
        return [Values(self.tree, {**self.known, detail["item_name"]: one}) for one in self.named(detail["array_name"])]

    def holds(self, node: dict) -> bool:
        """Whether the condition of a loop, a module or a resource holds; none always does."""
        return node.get("condition") is None or self.of(node["condition"])

    def named(self, name: str):
        """What a name stands for."""
        if name in self.known:
            return self.known[name]
        variables = self.tree.get("variables", {})
        return self.of(variables[name]["value"]) if name in variables else name

    def called(self, function: dict):
        """The value of a function; one that is not played here is a fault, not a guess."""
        values = {name: self.of(value) for name, value in (function["parameters"] or {}).items()}
        match function["type"]:
            case "to_lower":
                value = values["string_to_change"].lower()
            case "string":
                value = str(values["value_to_convert"])
            case "split":
                value = values["input_string"].split(values["delimiter"])
            case "take":
                value = values["original_value"][: values["number_to_take"]]
            case "join":
                value = values["delimiter"].join(values["input_array"])
            case "union":
                value = list(dict.fromkeys(one for values in values.values() for one in values))
            case "resource_group":
                value = (values["subscription_id"], values["resource_group_name"])
            case other:
                raise ValueError(f"the function {other} is not played here")
        return value[function["index"]] if "index" in function else value

    def joined(self, operator: dict):
        """The value of an operator."""
        operands = operator["operands"]
        first, second = operands.get("operand_1"), operands.get("operand_2")
        match operator["type"]:
            case "and":
                return self.of(first) and self.of(second)
            case "equals":
                return self.of(first) == self.of(second)
            case "property_accessor":
                name, otherwise = second, ""
                if isinstance(second, dict):
                    name, otherwise = (second["operator"]["operands"][one] for one in ("operand_1", "operand_2"))
                return self.of(first).get(name, otherwise)
            case other:
                raise ValueError(f"the operator {other} is not played here")


def parsed(text: str) -> dict:
    """A Bicep file of this text."""
    return BicepParser().parse(text=text)


def scopes(tree: dict, zones: tuple[list[str], list[str]], settings: dict, assigns: bool = True) -> list[tuple]:
    """The subscriptions and groups in which main.bicep, as parsed, deploys the module of the right, for public and private zones."""
    known = {"zones": zones[0], "privateZones": zones[1], "settings": settings, "assignRoles": assigns}
    found = []
    for module in tree["modules"].values():
        if module["detail"]["path"] != MODULE:
            continue
        config, values = module["config"], Values(tree, known)
        for inner in values.each(config) if "loop_type" in config else [values]:
            if inner.holds(config):
                scope = config["config"].get("scope")
                found.append(inner.of(scope) if scope else ("here", "here"))
    return found


def reach(text: str) -> list[str]:
    """What of a module of this text reaches beyond the group that it is deployed to, in words."""
    tree = parsed(text)
    own = {"function": {"type": "resource_group", "parameters": {"resource_group_name": None, "subscription_id": None}, "property_name": "id"}}
    found = [f"it is deployed to a {tree['globals']['scope']['value']}"] if tree["globals"]["scope"]["value"] != "resourceGroup" else []
    for name, resource in tree["resources"].items():
        config = resource["config"].get("config", resource["config"])
        if "scope" in config:
            found.append(f"{name} has a scope of its own")
        if config["properties"].get("assignableScopes", [own]) != [own]:
            found.append(f"{name} can be assigned elsewhere")
    return found
