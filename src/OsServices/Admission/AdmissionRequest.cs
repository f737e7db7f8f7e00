using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.OsServices.Admission;

/// <summary>What is done to an object.</summary>
internal enum AdmissionOperation
{
    Create,
    Update,
    Delete,
    Connect,
}

/// <summary>One write that is judged: what it is to whom, by whom, and the object before and after it.</summary>
internal sealed record AdmissionRequest
{
    public string Uid { get; init; } = "";

    public AdmissionOperation Operation { get; init; }

    public string Group { get; init; } = "";

    public string Resource { get; init; } = "";

    public string Subresource { get; init; } = "";

    /// <summary>Empty for objects of the cluster.</summary>
    public string Namespace { get; init; } = "";

    public string Name { get; init; } = "";

    /// <summary>The object as it will be; null when it is deleted.</summary>
    public JsonObject? Object { get; init; }

    /// <summary>The object as it is; null when it is created.</summary>
    public JsonObject? OldObject { get; init; }

    public bool IsDryRun { get; init; }

    public AdmissionCaller Caller { get; init; } = AdmissionCaller.Nobody;

    /// <summary>The resource with its part, as rules name it.</summary>
    public string FullResource => Subresource.Length == 0 ? Resource : $"{Resource}/{Subresource}";

    /// <summary>Whether the object will be there afterwards.</summary>
    public bool IsWrite => Operation is AdmissionOperation.Create or AdmissionOperation.Update;

    /// <summary>Reads the request of a review; null when there is none.</summary>
    public static AdmissionRequest? Read(JsonObject? review, Callers callers)
    {
        if (review.Child("request") is not { } request
            || request.Text("uid") is not { Length: > 0 } uid
            || !Enum.TryParse<AdmissionOperation>(request.Text("operation"), ignoreCase: true, out var operation))
        {
            return null;
        }

        var (now, before) = (request.Child("object"), request.Child("oldObject"));
        return new AdmissionRequest
        {
            Uid = uid,
            Operation = operation,
            Group = request.Child("resource").Text("group") ?? "",
            Resource = request.Child("resource").Text("resource") ?? "",
            Subresource = request.Text("subResource") ?? "",
            Namespace = request.Text("namespace") ?? "",
            Name = request.Text("name") is { Length: > 0 } name ? name : (now ?? before).Child("metadata").Text("name") ?? "",
            Object = now,
            OldObject = before,
            IsDryRun = request.Flag("dryRun") ?? false,
            Caller = callers.Of(request.Child("userInfo").Text("username") ?? "", [.. request.Child("userInfo").Texts("groups")]),
        };
    }
}
