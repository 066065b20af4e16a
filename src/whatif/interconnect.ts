/**
 * True for GPUs whose boards join them by NVLink: SXM modules, superchips, and the NVL pairs. Others are joined by PCIe,
 * or by bridges that a machine may have or not: those count as PCIe.
 */
export function isNvlinked(key: string): boolean {
  return /-(?:SXM\d*|NVL)-|^(?:GH|GB)\d+-|^H20-/.test(key);
}
