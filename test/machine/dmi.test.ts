import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDmi } from '../../src/machine/dmi.ts';
import { dmiOf } from './places.ts';

const none = '/nonexistent';

describe('DMI', () => {
  it.each<[string, Readonly<Record<string, string>>, string, string | null]>([
    ['AWS Nitro', { sys_vendor: 'Amazon EC2', product_name: 'g5.xlarge' }, 'aws', 'g5.xlarge'],
    [
      'AWS Nitro, a type with a dash',
      { sys_vendor: 'Amazon EC2', product_name: 'u-6tb1.112xlarge' },
      'aws',
      'u-6tb1.112xlarge',
    ],
    [
      'AWS without a type',
      { sys_vendor: 'Amazon EC2', product_name: 'Not Specified' },
      'aws',
      null,
    ],
    [
      'AWS Xen, UUID readable',
      { sys_vendor: 'Xen', product_name: 'HVM domU', product_uuid: 'EC2A1B2C-0000-0000-0000-0' },
      'aws',
      null,
    ],
    [
      'AWS Xen, bytes swapped',
      { sys_vendor: 'Xen', product_name: 'HVM domU', product_uuid: '45e12aec-dcd1-b213-94ed-0' },
      'aws',
      null,
    ],
    ['GCP', { product_name: 'Google Compute Engine', sys_vendor: 'Google' }, 'gcp', null],
    ['GCP by serial', { product_serial: 'GoogleCloud-0123456789' }, 'gcp', null],
    [
      'Azure',
      {
        sys_vendor: 'Microsoft Corporation',
        product_name: 'Virtual Machine',
        chassis_asset_tag: '7783-7084-3265-9085-8269-3286-77',
      },
      'azure',
      null,
    ],
    ['OCI', { sys_vendor: 'QEMU', chassis_asset_tag: 'OracleCloud.com' }, 'oci', null],
    ['Scaleway', { sys_vendor: 'Scaleway', product_name: 'SCW-H100-1-80G' }, 'scaleway', null],
  ])('%s', (_name, files, provider, type) => {
    expect(readDmi(dmiOf(files), none)).toMatchObject({ source: 'dmi', provider, type });
  });

  it('finds Xen on AWS by the hypervisor, where only root may read DMI', () => {
    const hypervisor = dmiOf({ uuid: 'ec2f9a1b-0000-0000-0000-000000000000' });
    expect(readDmi(dmiOf({ sys_vendor: 'Xen' }), hypervisor)?.provider).toBe('aws');
    expect(readDmi(dmiOf({ sys_vendor: 'Dell Inc.' }), hypervisor)).toBeNull();
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ['plain Hyper-V', { sys_vendor: 'Microsoft Corporation', product_name: 'Virtual Machine' }],
    ['a server of one’s own', { sys_vendor: 'Supermicro', product_name: 'SYS-821GE-TNHR' }],
    [
      'a UUID that looks like EC2 by chance',
      { sys_vendor: 'Dell Inc.', product_uuid: 'ec2aaaaa-1' },
    ],
    ['an empty folder', {}],
    ['binary nonsense', { sys_vendor: '\u0000\u0001', product_name: '\u00ff' }],
  ])('%s is nobody’s', (_name, files) => {
    expect(readDmi(dmiOf(files), none)).toBeNull();
  });

  it('a missing folder is nobody’s', () => {
    expect(readDmi(join(none, 'dmi'), none)).toBeNull();
  });
});
