// The page: uploads a photo, shows how far its task is, and the result.
import { Heurist, HeuristError, TaskAbortedError, type WorkflowTaskResult } from '@heurist/core';
import { UpscalerTask } from '@heurist/upscaler';

// calls go to the server of this app, which has the key: this one is not used
const heurist = new Heurist({ apiKey: 'page#none', workflowURL: `${location.origin}/api/heurist` });

const find = <T extends Element>(selector: string) => document.querySelector<T>(selector)!;
const form = find<HTMLFormElement>('form');
const photo = find<HTMLInputElement>('[name=photo]');
const submit = find<HTMLButtonElement>('[type=submit]');
const cancel = find<HTMLButtonElement>('[name=cancel]');
const bar = find<HTMLProgressElement>('progress');
const status = find<HTMLElement>('[role=status]');
const picture = find<HTMLImageElement>('img');

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const stop = new AbortController();
  cancel.onclick = () => stop.abort();
  showBusy(true);
  try {
    const image_url = photo.files?.[0];
    if (!image_url) return;
    const task = new UpscalerTask({ image_url });
    const { image } = await heurist.workflow.run(task, { signal: stop.signal, timeout: 120_000, onProgress });
    picture.src = image.url;
    picture.hidden = false;
    status.textContent = `${image.width} x ${image.height} pixels`;
  } catch (error) {
    status.textContent = explain(error);
  } finally {
    showBusy(false);
  }
});

function showBusy(isBusy: boolean): void {
  submit.disabled = isBusy;
  cancel.hidden = bar.hidden = !isBusy;
  if (!isBusy) return;
  picture.hidden = true;
  bar.value = 0;
  status.textContent = 'Uploading';
}

function onProgress({ progress, queue_position, warning, status: state }: WorkflowTaskResult): void {
  bar.value = progress?.percent ?? 0;
  const ahead = queue_position === undefined ? '' : `, ${queue_position} tasks ahead`;
  if (state === 'waiting') status.textContent = warning ?? `Waiting${ahead}`;
  if (state === 'running') status.textContent = `Enlarging, ${Math.round(bar.value)} %`;
}

function explain(error: unknown): string {
  if (TaskAbortedError.isInstance(error)) return 'Canceled.';
  return HeuristError.isInstance(error) ? error.message : 'This page has a fault. Please load it again.';
}
