using System.Text.RegularExpressions;
using Sealos.Kinds.Core;

namespace Sealos.OsServices.Apps;

/// <summary>Something that happened to an app, in plain words, with the technical term beside it.</summary>
/// <param name="When">When it last happened.</param>
/// <param name="IsProblem">Whether somebody may have to do something.</param>
/// <param name="Words">What happened to the app, for people.</param>
/// <param name="Technical">The same as Kubernetes says it.</param>
/// <param name="Count">How many times.</param>
/// <param name="Instance">The instance it happened to, or null when it was the app as a whole.</param>
public sealed record AppEvent(DateTimeOffset When, bool IsProblem, string Words, string Technical, int Count, string? Instance);

/// <summary>Picks an app's events and says them in plain words; pure.</summary>
public static partial class AppEvents
{
    /// <summary>The events of an app among those of its workspace, the latest first.</summary>
    public static IReadOnlyList<AppEvent> Of(string app, IEnumerable<Event> events) =>
        [.. events.Where(e => Concerns(e, app)).Select(Read).OrderByDescending(e => e.When)];

    // Instances that are gone have left only their names: the app's, a hash and a suffix, or a single suffix.
    private static bool Concerns(Event e, string app) => e.InvolvedObject?.Name is { } name && e.InvolvedObject.Kind switch
    {
        "Deployment" or "Service" => name == app,
        "ReplicaSet" => name.StartsWith(app + "-", StringComparison.Ordinal) && Hash().IsMatch(name.AsSpan(app.Length + 1)),
        "Pod" => name.StartsWith(app + "-", StringComparison.Ordinal) && InstanceSuffix().IsMatch(name.AsSpan(app.Length + 1)),
        _ => false,
    };

    private static AppEvent Read(Event e) => new(
        e.Series?.LastObservedTime ?? e.LastTimestamp ?? e.EventTime ?? e.FirstTimestamp ?? e.Metadata.CreationTimestamp ?? default,
        e.Type == "Warning",
        Words(e.Reason ?? "", e.Message ?? ""),
        $"{e.Reason}: {e.Message}",
        Math.Max(1, e.Series?.Count ?? e.Count ?? 1),
        e.InvolvedObject?.Kind == "Pod" ? e.InvolvedObject.Name : null);

    private static string Words(string reason, string message) => reason switch
    {
        "ScalingReplicaSet" => Scaled(message),
        "SuccessfulCreate" => "Added an instance",
        "SuccessfulDelete" => "Removed an instance",
        "Scheduled" => "Found room on the machine",
        "FailedScheduling" => $"No room on the machine: {message}",
        "Preempted" => "Made room for something more important",
        "Pulling" => "Fetching the image",
        "Pulled" => message.Contains("already present", StringComparison.Ordinal) ? "Found the image on the machine" : "Fetched the image",
        "Created" => "Made a container",
        "Started" => "Started",
        "Killing" => message.Contains("probe", StringComparison.Ordinal) ? "Restarting because its health check failed" : "Stopping",
        "Unhealthy" => $"Health check failed: {AfterColon(message)}",
        "ProbeWarning" => $"Health check answered with a warning: {AfterColon(message)}",
        "BackOff" => message.Contains("pulling image", StringComparison.Ordinal) ? "Waiting before fetching the image again" : "Waiting before starting again after a crash",
        "ErrImageNeverPull" => "The image is not on the machine and may not be fetched",
        "InspectFailed" or "InvalidImageName" => $"The image cannot be used: {message}",
        "Failed" when message.Contains("image", StringComparison.OrdinalIgnoreCase) => $"The image could not be fetched: {AfterColon(message)}",
        "Failed" => $"Could not start: {AfterColon(message)}",
        "FailedMount" => $"Storage or a file could not be attached: {AfterColon(message)}",
        "FailedCreatePodSandBox" => $"Could not prepare the instance: {AfterColon(message)}",
        "SandboxChanged" => "Starting again with a fresh network",
        "Evicted" or "TaintManagerEviction" => "Moved away from the machine",
        "NodeNotReady" => "The machine stopped answering",
        "FailedCreate" or "ReplicaSetCreateError" => $"An instance could not be added: {AfterColon(message)}",
        _ => message.Length > 0 ? message : reason,
    };

    private static string Scaled(string message) =>
        Scale().Match(message) is { Success: true } m ? $"{(m.Groups[1].Value == "up" ? "Adding" : "Removing")} instances: from {m.Groups[2].Value} to {m.Groups[3].Value}" : message;

    private static string AfterColon(string message) =>
        message.IndexOf(": ", StringComparison.Ordinal) is > 0 and var at ? message[(at + 2)..] : message;

    [GeneratedRegex("^[a-z0-9]{5,10}$")]
    private static partial Regex Hash();

    [GeneratedRegex("^([a-z0-9]{5,10}-)?[a-z0-9]{5}$")]
    private static partial Regex InstanceSuffix();

    [GeneratedRegex("^Scaled (up|down) replica set \\S+ from ([0-9]+) to ([0-9]+)")]
    private static partial Regex Scale();
}
