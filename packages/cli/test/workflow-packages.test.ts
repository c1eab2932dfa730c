// Every workflow package: its files, its names, and its graphs against what a real ComfyUI says of its nodes.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { choicesOf, type ObjectInfo, validateGraph } from '@heurist/comfyui';
import {
  bind,
  defineWorkflow,
  hasFixedModels,
  modelKeyOf,
  rawWorkflow,
  unexplainedInputs,
  type WorkflowDefinition,
  type WorkflowFamily,
} from '@heurist/core/definition';
import { readObjectInfo } from '@heurist/test-servers/recordings';
import { describe, expect, test } from 'vitest';
import { withOptions } from '../src/workflows/options-table.ts';
import { workflows } from '../src/workflows/workflows.ts';
import { parameterCases } from './parameter-cases.ts';

const packages = resolve(import.meta.dirname, '../..');
const names = readdirSync(join(packages, 'workflows'));
const read = (...path: string[]) => readFileSync(join(packages, ...path), 'utf8');
const load = (name: string): Promise<{ definitions: WorkflowDefinition[]; family: WorkflowFamily }> =>
  import(join(packages, 'workflows', name, 'src/definition.ts'));

describe.each(names)('package %s', async (name) => {
  const { definitions, family } = await load(name);
  const manifest = JSON.parse(read('workflows', name, 'package.json'));

  test.each([
    'LICENSE',
    'README.md',
    'package.json',
    'tsconfig.json',
    'tsup.config.ts',
    'turbo.json',
    'src/definition.ts',
    'src/index.ts',
    'src/family.ts',
    'src/graphs.ts',
    'src/options.ts',
    'src/task.ts',
    `src/${name}.test.ts`,
  ])('has %s', (file) => {
    expect(read('workflows', name, file)).not.toBe('');
  });

  test('bounds its runs: no honest GPU is stopped, and no run goes on without end', () => {
    const [least, most] = family.makes === 'video' ? [4 * 3600, 12 * 3600] : [1800, 2 * 3600];
    for (const { workflow_id, max_run_seconds = 0, max_stalled_seconds = 0 } of definitions) {
      expect([workflow_id, max_run_seconds >= least, max_run_seconds <= most]).toEqual([workflow_id, true, true]);
      expect([workflow_id, max_stalled_seconds >= 1800, max_stalled_seconds < max_run_seconds]).toEqual([
        workflow_id,
        true,
        true,
      ]);
    }
  });

  test('is called as its folder', () => {
    expect(manifest.name).toBe(`@heurist/${name}`);
    expect(Object.keys(manifest.exports)).toEqual(['.', './definition', './package.json']);
    // its own, from 1.0.0 on; 0.0.0 until the first release
    expect(manifest.version).toMatch(/^(?:0\.0\.0$|[1-9])/);
  });

  test('describes itself', async () => {
    expect([family.name, family.definitions]).toEqual([name, definitions]);
    const { default: _, ...entry } = await import(join(packages, 'workflows', name, 'src/index.ts'));
    expect(Object.values(entry)).toContain(family.Task);
  });

  test('depends on core and zod alone', () => {
    expect(manifest.dependencies).toEqual({ '@heurist/core': 'workspace:^', zod: 'catalog:' });
  });

  test('is offered by the command, which depends on it', () => {
    for (const definition of definitions) expect(workflows).toContain(definition);
    expect(JSON.parse(read('cli/package.json')).dependencies).toHaveProperty(manifest.name);
  });

  test('its README has the options of the schemas (`npm run readme` writes them)', async () => {
    const path = join(packages, 'workflows', name, 'README.md');
    await expect(withOptions(readFileSync(path, 'utf8'), definitions)).toMatchFileSnapshot(path);
  });

  test.each(definitions)('tests $workflow_id', ({ workflow_id }) => {
    const source = read('workflows', name, `src/${name}.test.ts`);
    expect(source.split('testWorkflow(test').length - 1).toBe(definitions.length);
    if (definitions.length > 1 && definitions[0]?.workflow_id !== workflow_id)
      expect(source).toContain(`workflow_id: '${workflow_id}'`);
  });
});

test('no two packages have the same place', async () => {
  const families = (await Promise.all(names.map(load))).map(({ family }) => family);
  expect(families.toSorted((a, b) => a.order - b.order).map(({ name }) => name)).toEqual([
    ...['text2image', 'image2image', 'inpaint', 'upscaler', 'flux-lora', 'text2video', 'image2video', 'text2audio'],
  ]);
  expect(new Set(families.map(({ order }) => order)).size).toBe(names.length);
});

test('no two graphs have the same id', () => {
  const ids = workflows.map(({ workflow_id }) => workflow_id);
  expect(ids.length).toBe(new Set(ids).size);
  expect(ids.length).toBeGreaterThan(20);
});

/** Where each folder's files are chosen. */
const loaders: Record<string, string[]> = {
  checkpoints: ['CheckpointLoaderSimple.ckpt_name', 'ImageOnlyCheckpointLoader.ckpt_name'],
  diffusion_models: ['UNETLoader.unet_name'],
  text_encoders: ['CLIPLoader.clip_name', 'DualCLIPLoader.clip_name1', 'DualCLIPLoader.clip_name2'],
  vae: ['VAELoader.vae_name'],
  clip_vision: ['CLIPVisionLoader.clip_name'],
  loras: ['LoraLoader.lora_name', 'LoraLoaderModelOnly.lora_name'],
  upscale_models: ['UpscaleModelLoader.model_name'],
};

/** The recorded answer of a ComfyUI 0.3.64 without models, as it would be with the models that a graph requires. */
function serverFor({ requirements }: WorkflowDefinition): ObjectInfo {
  const info = readObjectInfo<ObjectInfo>();
  const chosenByCaller = { folder: 'loras', filename: 'gecko.safetensors' };
  for (const { folder, filename } of [...requirements.models, chosenByCaller])
    for (const place of loaders[folder]!) {
      const [class_type = '', input = ''] = place.split('.');
      (choicesOf(info[class_type]!.input.required![input]!) as string[]).push(filename);
    }
  return info;
}

describe.each(workflows)('graph $workflow_id', (definition) => {
  const info = serverFor(definition);

  test('hangs together', () => {
    expect(defineWorkflow(definition)).toEqual(definition);
    expect(unexplainedInputs(definition)).toEqual([]);
  });

  test('names every node class and every model file with folder, source and size', () => {
    const classes = new Set(Object.values(definition.graph).map(({ class_type }) => class_type));
    expect(new Set(definition.requirements.nodes)).toEqual(classes);
    expect(definition.requirements.models.length).toBeGreaterThan(0);
    for (const { folder, filename, url, bytes } of definition.requirements.models) {
      expect(loaders).toHaveProperty(folder);
      expect(new URL(url ?? '').pathname).toMatch(new RegExp(`/${filename.replaceAll('.', '\\.')}$`));
      expect(bytes).toBeGreaterThan(1e6);
    }
  });

  test('has the key of its model files, without LoRAs, whether it comes by name or as a raw graph', () => {
    const { graph, requirements } = definition;
    const used = Object.values(graph).flatMap(({ inputs }) => Object.values(inputs));
    const files = requirements.models.filter(({ folder, filename }) => folder !== 'loras' && used.includes(filename));
    const names = files.map(({ filename }) => filename).toSorted();
    const key = modelKeyOf(definition);
    expect(key).toBe(modelKeyOf(rawWorkflow, { graph }));
    expect(names.join('+').startsWith(key.replace(/~[0-9a-f]{16}$/, ''))).toBe(true);
    // the scale of an upscale chooses the model
    expect(hasFixedModels(definition)).toBe(definition.workflow_id !== 'upscaler');
  });

  test('says in our own words what is wrong with a parameter', () => {
    const wrong = [undefined, null, true, '', 'x', 'x'.repeat(5000), -1, 0.001, 1e9, 2 ** 60, Number.NaN, [], [1], {}];
    for (const name of Object.keys(definition.bindings))
      for (const value of wrong) {
        const { issues = [] } = definition.parameters.safeParse({ [name]: value }).error ?? {};
        for (const { message } of issues) expect(message).toMatch(/^(is|must|already) /);
      }
  });

  test.each(parameterCases(definition))('is accepted with %j', (parameters) => {
    expect(definition.parameters.safeParse(parameters)).toMatchObject({ success: true });
    const { error, nodeErrors, outputs } = validateGraph(bind(definition, parameters), info);
    expect([error, nodeErrors]).toEqual([undefined, {}]);
    expect(outputs).toEqual(definition.outputs);
  });
});

test('the proof can fail: a wrong type, an unknown model and a missing input are found', () => {
  const [first] = workflows.filter(({ workflow_id }) => workflow_id === 'sdxl');
  const graph = bind(first!, { prompt: 'x', steps: 'many' });
  delete graph.decode!.inputs.vae;
  graph.ckpt!.inputs.ckpt_name = 'other.safetensors';
  const { nodeErrors } = validateGraph(graph, serverFor(first!));
  const types = Object.values(nodeErrors).flatMap(({ errors }) => errors.map(({ type }) => type));
  expect(types.toSorted()).toEqual(['invalid_input_type', 'required_input_missing', 'value_not_in_list']);
});
