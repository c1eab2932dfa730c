import type { TaskOptions } from '../../shared/api.ts';
import { saveDraft } from '../data/browser-stores.ts';
import { useCatalogue, useNetwork } from '../data/queries.ts';
import { chooseWorkflow } from '../make/choose-workflow.ts';
import { reasonAgainst } from '../network/availability.ts';
import { useRun } from '../stage/use-run.ts';

/** The package that a prompt alone is enough for. */
const FAMILY = 'text2image';

/** Makes a picture from a prompt, with whatever the network can run now. */
export function useQuickRun() {
  const { data: catalogue, error: noCatalogue } = useCatalogue();
  const { data: network, error: noNetwork } = useNetwork();
  const { run, isBusy, error } = useRun();
  const family = catalogue?.find(({ name }) => name === FAMILY);
  const workflow = family && chooseWorkflow(family, undefined, (id) => reasonAgainst(network, id));
  const reason = workflow && reasonAgainst(network, workflow.workflow_id);
  return {
    /** @param wanted - the graph, if the network can run it */
    make(options: TaskOptions, wanted?: string) {
      const can = family?.workflows.some((one) => one.workflow_id === wanted && !reasonAgainst(network, wanted));
      const workflow_id = can ? wanted : workflow?.workflow_id;
      if (!workflow_id || reason) return;
      // whoever goes on from here finds it in the form
      const { seed, ...typed } = options;
      saveDraft(FAMILY, { options: typed });
      run({ family: FAMILY, workflow_id, options });
    },
    isBusy: isBusy || !workflow || !network,
    reason: reason ?? noCatalogue?.message ?? noNetwork?.message ?? error?.message,
  };
}
