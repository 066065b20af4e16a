import process from 'node:process';
import type { PriceFlags } from '../config/flags.ts';
import { auditSettings } from '../config/options.ts';
import { findProjectFile } from '../config/project-file.ts';
import { checkHost } from '../doctor/check-host.ts';
import { readDataFacts } from '../doctor/data-facts.ts';
import type { DoctorFacts, SmiFacts } from '../doctor/facts.ts';
import { readHostFacts } from '../doctor/host-facts.ts';
import { readMachineFacts } from '../doctor/machine-facts.ts';
import { countByStatus, type ShowOptions, showChecks } from '../doctor/show-checks.ts';
import { askForFacts, problemOf } from '../doctor/smi-facts.ts';
import { createHostReader } from '../host/host-reader.ts';
import { hostPlaces } from '../machine/detect.ts';
import { loadRateCards } from '../rates/load.ts';
import { systemClock } from '../sample/clock.ts';
import { nvidiaSmi } from '../sample/nvidia-smi.ts';
import { nvidiaSmiPath } from '../sample/nvidia-smi-path.ts';
import { dataFolder } from '../store/home.ts';
import { detectOptions } from './detect-options.ts';
import { seenShape } from './seen-shape.ts';
import { readVersion } from './version.ts';

export interface DoctorOptions extends PriceFlags, ShowOptions {
  readonly json?: boolean;
}

/**
 * Looks at what this host offers and writes the checks as text or JSON. Returns 0 when none fails, else 1.
 * Throws UsageError for a wrong flag, project file or rate card.
 */
export async function doctor(
  options: DoctorOptions,
  write: (text: string) => void | Promise<void>,
): Promise<number> {
  const checks = checkHost(await gather(options));
  const result = {
    schema: 'gpucost.doctor/1',
    tool: { name: 'gpucost', version: readVersion() },
    checks,
    counts: countByStatus(checks),
  };
  await write(
    options.json === true ? `${JSON.stringify(result, null, 2)}\n` : showChecks(checks, options),
  );
  return result.counts.fail > 0 ? 1 : 0;
}

async function gather(options: DoctorOptions): Promise<DoctorFacts> {
  const project = await findProjectFile(process.cwd());
  const cards = await loadRateCards(auditSettings(options, project).ratePaths);
  const reader = createHostReader();
  const identity = await reader.identity();
  const smi = await smiFacts();
  const gpus = smi.path === null ? [] : smi.gpus;
  const detect = detectOptions(options, project, seenShape(gpus, identity), cards);
  return {
    smi,
    host: await readHostFacts(reader, identity),
    data: await readDataFacts(dataFolder(process.env)),
    machine: await readMachineFacts(detect, hostPlaces(), cards, Date.now()),
  };
}

async function smiFacts(): Promise<SmiFacts> {
  let path: string;
  try {
    path = nvidiaSmiPath(process.env);
  } catch (error) {
    return { path: null, problem: problemOf(error) };
  }
  const smi = nvidiaSmi({ path, env: process.env });
  try {
    return await askForFacts(smi, path, systemClock());
  } finally {
    await smi.close();
  }
}
