import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { aClue, type Clue } from './clue.ts';
import { oneLine } from './http.ts';

/** Chassis asset tag of every Azure machine; the vendor alone is any Hyper-V (cloud-init tools/ds-identify). */
const azureTag = '7783-7084-3265-9085-8269-3286-77';

/** Vendors that sell under their own name (cloud-init tools/ds-identify). */
const vendors: Readonly<Record<string, string>> = {
  DigitalOcean: 'digitalocean',
  Vultr: 'vultr',
  Hetzner: 'hetzner',
  Scaleway: 'scaleway',
  UpCloud: 'upcloud',
};

/**
 * What the firmware's tables say of the machine, from /sys/class/dmi/id: no network, no root, and in most containers
 * it is the host's. On AWS Nitro the product name is the instance type. Null where they tell nothing.
 */
export function readDmi(folder: string, hypervisorFolder: string): Clue | null {
  const vendor = read(folder, 'sys_vendor');
  const product = read(folder, 'product_name');
  const tag = read(folder, 'chassis_asset_tag');
  const xenUuid =
    vendor === 'Xen' ? (read(hypervisorFolder, 'uuid') ?? read(folder, 'product_uuid')) : null;
  if (vendor === 'Amazon EC2' || startsEc2(xenUuid)) {
    const type = /^[a-z][a-z0-9-]*\.[a-z0-9-]+$/.exec(product ?? '')?.[0] ?? null;
    return aClue('dmi', `DMI: Amazon EC2${type === null ? '' : `, ${type}`}`, {
      provider: 'aws',
      type,
    });
  }
  if (
    product === 'Google Compute Engine' ||
    read(folder, 'product_serial')?.startsWith('GoogleCloud-')
  ) {
    return aClue('dmi', 'DMI: Google Compute Engine', { provider: 'gcp' });
  }
  if (tag === azureTag) return aClue('dmi', 'DMI: Azure', { provider: 'azure' });
  if (tag === 'OracleCloud.com') return aClue('dmi', 'DMI: Oracle Cloud', { provider: 'oci' });
  const provider = vendors[vendor ?? ''];
  return provider === undefined ? null : aClue('dmi', `DMI: ${vendor}`, { provider });
}

/**
 * Xen instances (p3, g3) have no vendor of their own, but a UUID that starts with ec2, or has it with its bytes
 * swapped. Asked on Xen alone: of random UUIDs one in 2,000 looks like that.
 */
function startsEc2(uuid: string | null): boolean {
  return /^(?:ec2|[0-9a-f]{4}2[0-9a-f]ec)/i.test(uuid ?? '');
}

/** One line of a DMI file; null where it is missing or only root may read it. */
function read(folder: string, name: string): string | null {
  try {
    return oneLine(readFileSync(join(folder, name), 'latin1'));
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}
