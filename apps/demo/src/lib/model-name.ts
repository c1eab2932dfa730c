import type { WorkflowInfo } from '../../shared/api.ts';

/** Which model a graph uses: what its title says in parentheses, such as `SDXL`; the whole title if it says nothing there. */
export const modelName = ({ title }: Pick<WorkflowInfo, 'title'>): string => /\((.+)\)$/.exec(title)?.[1] ?? title;
