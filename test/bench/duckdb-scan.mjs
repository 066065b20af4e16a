// What somebody with SQL would run on the same log: mean utilization and power per GPU, one scan of the file.
import { DuckDBInstance } from '@duckdb/node-api';

const instance = await DuckDBInstance.create(':memory:');
const connection = await instance.connect();
const reader = await connection.runAndReadAll(`
  SELECT uuid, count(*), avg(CAST(replace(util, ' %', '') AS DOUBLE)), avg(CAST(replace(power, ' W', '') AS DOUBLE)),
         min(time), max(time)
  FROM read_csv('${process.argv[2]}', header = true, all_varchar = true,
    names = ['time', 'idx', 'uuid', 'util', 'memutil', 'used', 'total', 'power', 'plimit', 'temp', 'clock'])
  GROUP BY uuid`);
if (reader.getRows().length !== 8) throw new Error('expected 8 GPUs');
