import fc from 'fast-check';

/** The same cases in every run; PROPERTY_SEED=… tries others, and a failure prints its seed. */
fc.configureGlobal({ seed: Number(process.env['PROPERTY_SEED'] ?? 20_261_123) });
