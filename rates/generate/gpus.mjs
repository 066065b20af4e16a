import { join } from 'node:path';
import { readCsv } from './csv.mjs';
import { flow, scalar } from './yaml.mjs';

/** Names beside the first: what other drivers, boards and labels print. */
const aliases = {
  T4: ['NVIDIA T4'],
  'A100-PCIE-80GB': ['A100-PCIE-80GB', 'NVIDIA A100-PCIE-80GB'],
  'H100-SXM5-80GB': ['NVIDIA H100 SXM5 80GB', 'NVIDIA H100-SXM5-80GB', 'NVIDIA H100 80GB HBM3e'],
  'H100-PCIE-80GB': ['NVIDIA H100-PCIE-80GB', 'NVIDIA H100 80GB PCIe'],
  'H200-SXM-141GB': ['NVIDIA H200 SXM', 'NVIDIA H200 141GB HBM3e'],
  'GH200-96GB': ['NVIDIA GH200 120GB'],
};

/** Measured with and without a CUDA context; the others are typical, empty, and not measured here. */
const measuredIdle = { 'H100-SXM5-80GB': { empty: 71, context: 118 } };

/** Cards that the table of figures does not have. Tensor rates: of the RTX 4090's, by tensor cores and boost clock (240 at 2.61 GHz). */
const ownRows = [
  {
    gpu_key: 'RTX-4070-TI',
    nvidia_smi_name: 'NVIDIA GeForce RTX 4070 Ti',
    architecture: 'Ada',
    compute_capability: '8.9',
    mem_gb: '12',
    mem_bw_gbs: '504',
    fp32_tflops: '40.1',
    tf32_tflops_dense: '40.1',
    fp16_bf16_tensor_tflops_dense: '80.2',
    fp8_tflops_dense: '160.4',
    power_limit_w: '285',
    idle_w_typical: '',
    gpm_metrics: 'no',
    name_source: 'own knowledge',
    spec_source: 'purespecs.click, GeForce RTX 4070 Ti, read 2026-11-23; tensor rates derived',
    confidence: 'medium',
  },
];

const gpm = { yes: 'true', no: 'false', unverified: 'null' };

export function gpusYaml(folder) {
  const mig = byParent(readCsv(join(folder, 'gpus_mig.csv')));
  const lines = [
    '# GPUs by the key that rate cards use. Written by rates/generate/generate.mjs: change it there.',
    '# Dense rates only. Idle watts are typical observations; H100 SXM: measured 71 W empty, 115 to 120 W with a context.',
    'schema: gpucost.gpus/1',
    'gpus:',
  ];
  for (const row of withOwn(readCsv(join(folder, 'gpus.csv')))) {
    const number = (text) => (text === '' ? null : Number(text));
    const { gpu_key: key } = row;
    lines.push(
      `  ${scalar(key)}:`,
      `    name: ${scalar(row.nvidia_smi_name)}`,
      ...(aliases[key] === undefined ? [] : [`    aliases: ${flow(aliases[key])}`]),
      `    architecture: ${row.architecture}`,
      `    compute_capability: '${row.compute_capability}'`,
      `    memory_gib: ${row.mem_gb}`,
      `    bandwidth_gbs: ${flow(number(row.mem_bw_gbs))}`,
      `    tflops: ${flow({
        fp32: number(row.fp32_tflops),
        tf32: number(row.tf32_tflops_dense),
        fp16: number(row.fp16_bf16_tensor_tflops_dense),
        fp8: number(row.fp8_tflops_dense),
      })}`,
      `    power_limit_w: ${flow(number(row.power_limit_w))}`,
      `    idle_w: ${flow(measuredIdle[key] ?? { empty: number(row.idle_w_typical), context: null })}`,
      `    gpm: ${gpm[row.gpm_metrics]}`,
      ...migLines(mig[key] ?? []),
      `    sources: ${flow({ name: row.name_source, figures: row.spec_source })}`,
      `    confidence: ${row.confidence}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Own rows before the card that they were derived from. */
function withOwn(rows) {
  const at = rows.findIndex(({ gpu_key: key }) => key === 'RTX-4090');
  return rows.toSpliced(at, 0, ...ownRows);
}

function migLines(rows) {
  if (rows.length === 0) return [];
  return [
    '    mig:',
    ...rows.map((row) => {
      const sms = row.sm_count === '' ? null : Number(row.sm_count);
      return `      - ${flow({
        profile: row.profile,
        slices: Number(row.gpu_instance_slices_of_7),
        sms,
        memory_gib: Number(row.mem_gb),
        most: Number(row.max_instances),
      })}`;
    }),
  ];
}

function byParent(rows) {
  const groups = {};
  for (const row of rows) (groups[row.parent_gpu_key] ??= []).push(row);
  return groups;
}
