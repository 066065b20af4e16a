/** Bits of clocks_event_reasons.active (nvml.h, nvmlClocksEventReason*). */
export const eventReason = {
  gpuIdle: 0x1,
  applicationsClocksSetting: 0x2,
  swPowerCap: 0x4,
  hwSlowdown: 0x8,
  syncBoost: 0x10,
  swThermalSlowdown: 0x20,
  hwThermalSlowdown: 0x40,
  hwPowerBrakeSlowdown: 0x80,
  displayClockSetting: 0x100,
} as const;

/** The reasons that count as throttling: heat and power brake. The ordinary power cap is not among them. */
export const throttlingReasons: number =
  eventReason.hwSlowdown |
  eventReason.swThermalSlowdown |
  eventReason.hwThermalSlowdown |
  eventReason.hwPowerBrakeSlowdown;
