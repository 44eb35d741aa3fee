// What rules can be made of, as the server declares it; and what a new piece looks like.

import { blank } from "../../lingxi/editor/fields.js";

/** The declared facts and actions. */
export class Catalogue {
  constructor({ facts, actions }) {
    this.facts = facts;
    this.actions = actions;
    this.byFact = new Map(facts.map((fact) => [fact.name, fact]));
    this.byAction = new Map(actions.map((action) => [action.name, action]));
  }

  /** The operator of a condition; undefined when fact or operator are not there any more. */
  operator(condition) {
    return this.byFact.get(condition.fact)?.operators.find((one) => one.name === condition.operator);
  }

  /** Whether the actions say where the visitor goes, which ends the search. */
  places(actions) {
    return actions.some((action) => this.byAction.get(action.action)?.placement);
  }

  condition(name = this.facts[0].name) {
    const fact = this.byFact.get(name);
    const operator = fact.operators[0];
    return { fact: name, subject: "", operator: operator.name, value: blank(operator.value) };
  }

  action(name) {
    const params = this.byAction.get(name).params.filter((param) => param.required || param.default !== undefined);
    return { action: name, params: Object.fromEntries(params.map((param) => [param.name, blank(param)])) };
  }

  rule() {
    const first = this.actions.find((action) => action.placement) || this.actions[0];
    return { name: "", enabled: true, when: { match: "all", items: [] }, then: [this.action(first.name)] };
  }
}

/** `list` as [section, items], in the order in which sections appear. */
export function sections(list) {
  const found = new Map();
  list.forEach((item) => found.set(item.section, [...(found.get(item.section) || []), item]));
  return [...found];
}
