using Sealos.OsServices.Apps;

namespace Sealos.Desktop.Apps.Launchpad;

/// <summary>How an app is doing, in words and as the class that colours its dot.</summary>
internal static class AppWords
{
    public static string Class(LiveApp app) => app.View.State switch
    {
        AppState.Running => "good",
        AppState.Stopped => "off",
        AppState.Failing => "bad",
        _ => app.Problem.Length > 0 ? "bad" : "busy",
    };

    public static string State(LiveApp app) => app.View.State switch
    {
        AppState.Running => "Running",
        AppState.Stopped => "Stopped",
        AppState.Failing => "Not working",
        _ when app.Problem.Length > 0 => Capital(app.Problem.Split(':', 2)[0]),
        _ => "Starting",
    };

    /// <summary>Such as "2 of 2 ready".</summary>
    public static string Ready(LiveApp app) => app.View.Form.Replicas == 0 ? "no instances" : $"{app.View.Ready} of {app.View.Form.Replicas} ready";

    /// <summary>What is wrong and what to do, or null when nothing is.</summary>
    public static (string Problem, string Advice)? Banner(LiveApp app)
    {
        var problem = app.Problem.Length > 0 ? app.Problem : app.View.State == AppState.Failing ? app.View.Message : "";
        return problem.Length == 0 ? null : (Capital(problem), Advice(problem));
    }

    public static string Capital(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];

    private static string Advice(string problem) => problem switch
    {
        _ when problem.Contains("waiting for the image", StringComparison.Ordinal) => "Check the image's name and version, and that this machine can reach where it is kept.",
        _ when problem.Contains("out of memory", StringComparison.Ordinal) => "Give the app more memory, or find out in its logs what uses it.",
        _ when problem.Contains("waiting for room", StringComparison.Ordinal) => "Remove or shrink other apps, or ask for less CPU and memory.",
        _ when problem.Contains("exit code", StringComparison.Ordinal) || problem.Contains("crash", StringComparison.Ordinal) => "Its logs tell what it said before it ended.",
        _ => "The events tell what was tried.",
    };
}
