import { useMutation } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import { saveDraft } from '../data/browser-stores.ts';
import type { Recipe } from '../lib/recipe.ts';
import { submitTask, submitVariations } from './submit.ts';

/** Runs a task without its form, and shows it; or opens the form. */
export function useRun() {
  const [location, navigate] = useLocation();
  const submit = useMutation({
    mutationFn: async ({ recipe, isMany }: { recipe: Recipe; isMany: boolean }) => {
      if (isMany) await submitVariations(recipe);
      else await submitTask(recipe);
      // at the workplace it is shown already
      if (!location.startsWith('/make/')) navigate(`/make/${recipe.family}`);
    },
  });
  return {
    run: (recipe: Recipe) => submit.mutate({ recipe, isMany: false }),
    runVariations: (recipe: Recipe) => submit.mutate({ recipe, isMany: true }),
    open({ family, workflow_id, options }: Omit<Recipe, 'workflow_id'> & { workflow_id?: string }) {
      saveDraft(family, { workflow_id, options });
      navigate(`/make/${family}`);
    },
    isBusy: submit.isPending,
    error: submit.error,
  };
}
