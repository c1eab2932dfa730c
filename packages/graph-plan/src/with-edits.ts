import { addOption, dropOption, type Planned, renameOption } from './edit-plan.ts';
import type { GraphPlan } from './find/graph-plan.ts';
import { PlanError } from './plan-error.ts';

/** Changes of a plan, as flags give them. */
export interface PlanEdits {
  /** Options that are no options. */
  drop?: string[];
  /** `old=new` */
  rename?: string[];
  /** `node.input`, or `name=node.input` */
  add?: string[];
}

/** The plan with the changes: what is dropped first, then new names, then what is added. */
export function withEdits(
  plan: GraphPlan,
  planned: Planned,
  { drop = [], rename = [], add = [] }: PlanEdits,
): GraphPlan {
  const dropped = drop.reduce((left, name) => dropOption(left, planned, name), plan);
  const renamed = rename.reduce((left, pair) => {
    const [from, to, ...more] = pair.split('=');
    if (!from || !to || more.length)
      throw new PlanError(`--rename "${pair}" must be old=new, such as strength=lora_strength.`, {
        code: 'invalid_configuration',
      });
    return renameOption(left, planned, from, to);
  }, dropped);
  return add.reduce((left, given) => {
    const at = given.indexOf('=');
    return addOption(left, planned, given.slice(at + 1), at < 0 ? undefined : given.slice(0, at));
  }, renamed);
}
