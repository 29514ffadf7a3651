using DiffBir.Bench;

NetworkBenchmark.Run(args[0], args[1], int.Parse(args[2]), 0, args.Length > 3 ? args[3] : null);
