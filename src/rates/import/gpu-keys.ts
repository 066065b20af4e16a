/** Accelerator names of catalogues by the key of rate cards, where one key is meant whatever the provider. */
const keys: ReadonlyMap<string, string> = new Map([
  ['K80', 'K80'],
  ['M60', 'M60'],
  ['P4', 'P4'],
  ['P40', 'P40'],
  ['T4', 'T4'],
  ['T4g', 'T4G'],
  ['A10', 'A10'],
  ['A10G', 'A10G'],
  ['A16', 'A16'],
  ['A30', 'A30'],
  ['A40', 'A40'],
  ['A6000', 'RTX-A6000'],
  ['A100-SXM4', 'A100-SXM4-40GB'],
  ['A100-80GB-SXM', 'A100-SXM4-80GB'],
  ['L4', 'L4'],
  ['L40', 'L40'],
  ['L40S', 'L40S'],
  ['RTX3090', 'RTX-3090'],
  ['RTX4090', 'RTX-4090'],
  ['RTX5090', 'RTX-5090'],
  ['RTXPRO6000', 'RTX-PRO-6000-SE'],
  ['H100-SXM', 'H100-SXM5-80GB'],
  ['H100-MEGA', 'H100-SXM5-80GB'],
  ['H100-PCIe', 'H100-PCIE-80GB'],
  ['H100-NVL', 'H100-NVL-94GB'],
  ['H200', 'H200-SXM-141GB'],
  ['H200-SXM', 'H200-SXM-141GB'],
  ['GH200', 'GH200-96GB'],
  ['B200', 'B200-SXM-180GB'],
  ['B300', 'B300-SXM-288GB'],
  ['GB200', 'GB200-186GB'],
  ['GB300', 'GB300-288GB'],
]);

/** The board that a provider means by a name that several boards share. */
const byProvider: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  aws: {
    A100: 'A100-SXM4-40GB',
    'A100-80GB': 'A100-SXM4-80GB',
    H100: 'H100-SXM5-80GB',
    V100: 'V100-SXM2-16GB',
    'V100-32GB': 'V100-SXM2-32GB',
  },
  gcp: {
    A100: 'A100-SXM4-40GB',
    'A100-80GB': 'A100-SXM4-80GB',
    H100: 'H100-SXM5-80GB',
    V100: 'V100-SXM2-16GB',
    P100: 'P100-PCIE-16GB',
  },
  lambda: { A100: 'A100-SXM4-40GB', V100: 'V100-SXM2-16GB' },
  nebius: { H100: 'H100-SXM5-80GB' },
  oci: {
    A100: 'A100-SXM4-40GB',
    'A100-80GB': 'A100-SXM4-80GB',
    H100: 'H100-SXM5-80GB',
    V100: 'V100-SXM2-16GB',
    P100: 'P100-SXM2-16GB',
  },
  runpod: { 'A100-80GB': 'A100-PCIE-80GB' },
};

/** The key of a catalogue's accelerator name; null where it is unknown or could be several boards. */
export function gpuKeyOf(provider: string, accelerator: string): string | null {
  return byProvider[provider]?.[accelerator] ?? keys.get(accelerator) ?? null;
}

/** Accelerators in catalogues that nvidia-smi does not see. */
export function isOtherMaker(accelerator: string, gpuInfo: string): boolean {
  const maker = /'Manufacturer': '([^']*)'/.exec(gpuInfo)?.[1];
  if (maker !== undefined && maker !== '') return maker.toLowerCase() !== 'nvidia';
  return /^(?:MI\d|Radeon|Gaudi|Inferentia|Trainium|Habana|tpu)/i.test(accelerator);
}
