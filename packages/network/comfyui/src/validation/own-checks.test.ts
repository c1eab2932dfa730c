import { describe, expect, test } from 'vitest';
import type { ObjectInfo } from './object-info.ts';
import { listsAllInputs } from './own-checks.ts';
import { validateGraph } from './validate-graph.ts';

const node = (input: object, python_module = 'nodes') => ({ input, output: [], output_node: true, python_module });
const image = [['old.png'], { image_upload: true }];
const info = {
  LoadImage: node({ required: { image } }),
  Custom: node({ required: { image } }, 'custom_nodes.pack'),
  Painter: node({ required: { mask: ['STRING', { image_upload: true }] } }, 'comfy_extras.nodes_painter'),
  Load3D: node(
    { required: { model_file: ['COMBO', { options: [], file_upload: true }], width: ['INT', { max: 8 }] } },
    'comfy_extras.nodes_load_3d',
  ),
  CustomCombo: node({ required: { choice: ['COMBO', { options: [] }] } }, 'comfy_extras.nodes_logic'),
  ComfySoftSwitchNode: node(
    { required: { switch: ['BOOLEAN'] }, optional: { on_true: ['*'], on_false: ['*'] } },
    'comfy_extras.nodes_logic',
  ),
  SelectModelDevice: node({ required: { device: [['default']] } }, 'comfy_extras.nodes_multigpu'),
  FluxProUltraImageNode: node({ required: { aspect_ratio: ['STRING'] } }, 'comfy_api_nodes.nodes_bfl'),
  TripoConversionNode: node({ required: { original_model_task_id: ['A,B'] } }, 'comfy_api_nodes.nodes_tripo'),
  Image: { input: {}, output: ['IMAGE', 'MODEL_TASK_ID'], output_node: false },
} as unknown as ObjectInfo;

/** Types of the errors of one node. */
function errorsOf(class_type: string, inputs: Record<string, unknown>): string[] {
  const graph = { n: { class_type, inputs }, i: { class_type: 'Image', inputs: {} } };
  const { nodeErrors } = validateGraph(graph, info, { hasInputFile: (name) => name === 'there.png' });
  return nodeErrors.n?.errors.map(({ type }) => type) ?? [];
}

const wrong = 'custom_validation_failed';
const stumbles = 'exception_during_validation';

describe('what the classes themselves look at', () => {
  test.each<[class_type: string, inputs: Record<string, unknown>, errors: string[]]>([
    ['LoadImage', { image: 'there.png' }, []],
    ['LoadImage', { image: 'gone.png' }, [wrong]],
    ['LoadImage', { image: ['i', 0] }, [stumbles]],
    ['LoadImage', {}, [stumbles]],
    ['Custom', { image: 'there.png' }, []],
    ['Custom', { image: 'gone.png' }, [wrong]],
    ['Custom', {}, ['required_input_missing']],
    ['Painter', { mask: 'gone.png' }, []],
    ['Load3D', { model_file: 'none', width: 9 }, []],
    ['Load3D', { model_file: '', width: 9 }, []],
    ['Load3D', { model_file: 'gone.glb', width: 9 }, [wrong, wrong]],
    ['Load3D', { width: 9 }, [stumbles]],
    ['CustomCombo', { choice: 'mine' }, []],
    ['CustomCombo', {}, [stumbles]],
    ['ComfySoftSwitchNode', { switch: true }, [wrong]],
    ['ComfySoftSwitchNode', { switch: true, on_true: ['i', 0] }, []],
    ['SelectModelDevice', { device: 'gpu:7' }, []],
    ['FluxProUltraImageNode', { aspect_ratio: '16:9' }, []],
    ['FluxProUltraImageNode', { aspect_ratio: '1:4' }, []],
    ['FluxProUltraImageNode', { aspect_ratio: '1:5' }, [stumbles]],
    ['FluxProUltraImageNode', { aspect_ratio: 'wide' }, [stumbles]],
    ['TripoConversionNode', { original_model_task_id: ['i', 1] }, []],
    ['TripoConversionNode', { original_model_task_id: ['i', 0] }, [wrong]],
    ['TripoConversionNode', { original_model_task_id: 'text' }, [stumbles]],
  ])('%s %j: %j', (class_type, inputs, errors) => {
    expect(errorsOf(class_type, inputs)).toEqual(errors);
  });
});

test('who lists all inputs: classes of ComfyUI itself, but one', () => {
  expect(listsAllInputs('KSampler', { python_module: 'nodes' })).toBe(true);
  expect(listsAllInputs('X', { python_module: 'comfy_extras.nodes_logic' })).toBe(true);
  expect(listsAllInputs('CustomCombo', { python_module: 'comfy_extras.nodes_logic' })).toBe(false);
  expect(listsAllInputs('Power Lora Loader', { python_module: 'custom_nodes.rgthree-comfy' })).toBe(false);
  expect(listsAllInputs('X', {})).toBe(false);
});
