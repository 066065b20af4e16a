import { describe, expect, it } from 'vitest';
import { countedDisks, countedInterfaces } from '../../src/host/devices.ts';
import { createProcFiles } from '../../src/host/proc-file.ts';
import { kernelTree } from './kernel-tree.ts';

const files = createProcFiles();

describe('countedDisks', () => {
  const names = [
    'nvme0n1',
    'nvme0n1p1',
    'nvme1n1',
    'sda',
    'sda1',
    'md0',
    'dm-0',
    'loop0',
    'zram0',
    'ram1',
  ];

  it('counts whole devices, and stacked ones not on top of what they are made of', () => {
    const tree = kernelTree({
      'sys/block/nvme0n1/size': '1',
      'sys/block/nvme1n1/size': '1',
      'sys/block/sda/size': '1',
      'sys/block/loop0/size': '1',
      'sys/block/md0/slaves/nvme0n1': '',
      'sys/block/dm-0/slaves/md0': '',
    });
    expect(countedDisks(names, tree.sysRoot, files)).toEqual(['nvme0n1', 'nvme1n1', 'sda']);
  });

  it('counts a mapped device whose parts are not to be seen', () => {
    const tree = kernelTree({ 'sys/block/dm-0/size': '1' });
    expect(countedDisks(['dm-0'], tree.sysRoot, files)).toEqual(['dm-0']);
  });

  it('goes by names where /sys/block is hidden', () => {
    const tree = kernelTree();
    expect(countedDisks(names, tree.sysRoot, files)).toEqual(['nvme0n1', 'nvme1n1', 'sda']);
  });
});

describe('countedInterfaces', () => {
  it('counts interfaces with a device, not what is stacked on them', () => {
    const tree = kernelTree({
      'sys/class/net/eth0/device/vendor': '',
      'sys/class/net/eth1/device/vendor': '',
      'sys/class/net/bond0/bonding/mode': '',
      'sys/class/net/docker0/bridge/id': '',
      'sys/class/net/veth12/lower_x': '',
    });
    const names = ['lo', 'eth0', 'eth1', 'bond0', 'docker0', 'veth12'];
    expect(countedInterfaces(names, tree.sysRoot, files)).toEqual(['eth0', 'eth1']);
  });

  it('counts members of a bond, but not the twin of accelerated networking', () => {
    const tree = kernelTree({
      'sys/class/net/eth0/device/vendor': '',
      'sys/class/net/enP1s1/device/vendor': '',
      'sys/class/net/enP1s1/master/uevent': 'INTERFACE=eth0\nIFINDEX=2\n',
      'sys/class/net/eth5/device/vendor': '',
      'sys/class/net/eth5/master/uevent': 'INTERFACE=bond0\nIFINDEX=9\n',
      'sys/class/net/bond0/bonding/mode': '',
    });
    const names = ['lo', 'eth0', 'enP1s1', 'eth5', 'bond0'];
    expect(countedInterfaces(names, tree.sysRoot, files)).toEqual(['eth0', 'eth5']);
  });

  it("counts a container's end of its veth pair", () => {
    const tree = kernelTree({
      'sys/class/net/eth0/mtu': '1500',
      'sys/class/net/tun0/tun_flags': '',
      'sys/class/net/vlan5/lower_eth0/mtu': '',
    });
    expect(countedInterfaces(['lo', 'eth0', 'tun0', 'vlan5'], tree.sysRoot, files)).toEqual([
      'eth0',
    ]);
  });
});
