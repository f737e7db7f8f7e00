using System.Diagnostics;
using System.Globalization;

namespace Sealos.Node.Tests.Volumes;

/// <summary>Makes trees that .NET has no names for.</summary>
internal static class DeepTree
{
    /// <summary>Makes folders in each other, some thousands: the kernel takes only so much of it by one path.</summary>
    public static void Make(string folder, int thousands) =>
        Run(string.Create(CultureInfo.InvariantCulture, $"p=$(printf 'd/%.0s' $(seq 999)); for i in $(seq {thousands}); do mkdir -p n/$p && (test ! -e d || mv d n/$p) && mv n d; done"), folder);

    /// <summary>Runs a script of the test's own in a folder.</summary>
    public static string Run(string script, string folder)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", ["-c", script]) { WorkingDirectory = folder, RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"the script ended with {process.ExitCode}");
    }
}
