using Sealos.ConformanceReport;

// Writes docs/conformance.md. With a JUnit report of the upstream suite and its date, takes over that run's outcomes first:
// ConformanceReport ROOT [JUNIT.xml YYYY-MM-DD]
var root = args.Length > 0 ? args[0] : ".";
var rows = UpstreamTests.Read(root);
if (args.Length == 3)
{
    rows = UpstreamTests.TakeOver(rows, args[1], DateOnly.ParseExact(args[2], "yyyy-MM-dd"));
    UpstreamTests.Write(root, rows);
}

File.WriteAllText(Path.Combine(root, Report.Path), Report.Render(rows, OwnTests.Find(root)));
