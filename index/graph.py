"""What items share: people, companies and other entities, with names where the catalogue has them."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core.errors import ArtifactError
from core.item import ItemTable


@dataclass(frozen=True)
class Link:
    """Entities of one relation that two items share, such as two actors."""

    relation: str
    names: tuple[str, ...]  # of the shared entities that have a name
    count: int  # of shared entities
    only: bool  # each of the two items has no other entity of this relation
    reach: int  # how many items the rarest of them stands in


class ItemGraph:
    """Relation → entity → items. Named entities come from an item's people, nameless ones from relation triples."""

    def __init__(self, entities: dict[str, dict[str, frozenset[str]]], named: frozenset[str]) -> None:
        """`entities` is item ids by relation and entity; `named` are the relations whose entities are names."""
        self._entities = entities
        self._named = named
        self._of_item: dict[str, dict[str, set[str]]] = {}
        for relation, members in entities.items():
            for entity, item_ids in members.items():
                for item_id in item_ids:
                    self._of_item.setdefault(item_id, {}).setdefault(relation, set()).add(entity)

    @classmethod
    def build(cls, items: ItemTable, relations: Iterable[tuple[str, str, str]] = ()) -> "ItemGraph":
        """Join the people of all items with nameless triples (item id, relation, entity).

        Where the catalogue names the people of a relation, nameless triples of the same relation are left out: they
        would say the same thing twice.
        """
        links = {(credit.role, credit.name, item.id) for item in items for credit in item.people}
        named = frozenset(relation for relation, _, _ in links)
        links |= {
            (relation, entity, item_id)
            for item_id, relation, entity in relations
            if relation not in named and item_id in items
        }
        entities: dict[str, dict[str, set[str]]] = {}
        for relation, entity, item_id in links:
            entities.setdefault(relation, {}).setdefault(entity, set()).add(item_id)
        return cls(
            {relation: {name: frozenset(ids) for name, ids in each.items()} for relation, each in entities.items()},
            named,
        )

    @property
    def nameless(self) -> list[tuple[str, str, str]]:
        """The triples (item id, relation, entity) of relations whose entities have no names, sorted."""
        return sorted(
            (item_id, relation, entity)
            for relation, members in self._entities.items()
            if relation not in self._named
            for entity, item_ids in members.items()
            for item_id in item_ids
        )

    def save(self, path: Path) -> None:
        """Write the graph as JSON, sorted, so that the same catalogue gives the same file."""
        entities = {
            relation: {entity: sorted(item_ids) for entity, item_ids in sorted(members.items())}
            for relation, members in sorted(self._entities.items())
        }
        content = {"named": sorted(self._named), "entities": entities}
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "ItemGraph":
        """Read what `save` wrote. Raises ArtifactError when it is missing or damaged."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            entities = {
                relation: {entity: frozenset(item_ids) for entity, item_ids in members.items()}
                for relation, members in content["entities"].items()
            }
            return cls(entities, frozenset(content["named"]))
        except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
            raise ArtifactError(f"The item graph {path} can't be read.", mend="Run `tastemaker prepare`.") from error

    def shared(self, first: str, second: str) -> tuple[Link, ...]:
        """What two items have in common, the relation whose rarest shared entity is rarest first."""
        ours, theirs = self._of_item.get(first, {}), self._of_item.get(second, {})
        links = []
        for relation in ours.keys() & theirs.keys():
            common = ours[relation] & theirs[relation]
            if common:
                links.append(
                    Link(
                        relation=relation,
                        names=tuple(sorted(common)) if relation in self._named else (),
                        count=len(common),
                        only=len(ours[relation]) == len(theirs[relation]) == 1,
                        reach=min(len(self._entities[relation][entity]) for entity in common),
                    )
                )
        return tuple(sorted(links, key=lambda link: (link.reach, link.relation)))

    def related(self, item_id: str) -> Counter[str]:
        """Other items with how many entities they share with an item, whatever the relation."""
        others: Counter[str] = Counter()
        for relation, entities in self._of_item.get(item_id, {}).items():
            for entity in entities:
                others.update(self._entities[relation][entity])
        del others[item_id]
        return others
