import { booksCommand } from './command.ts';

booksCommand(process.argv.slice(2), process.env, (line) => console.log(line)).then(
  (status) => {
    process.exitCode = status;
  },
  (error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);
