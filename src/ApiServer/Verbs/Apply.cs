using System.Text.Json.Nodes;
using Sealos.ApiServer.Authorization;
using Sealos.ApiServer.Http;
using Sealos.ApiServer.Registry;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Ownership;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.ApiServer.Verbs;

/// <summary>Server-side apply: a PATCH whose body is the part of an object that a manager wants, as YAML or JSON.</summary>
internal sealed class Apply(ObjectUpdater updater, FieldOwnership ownership, Authorizer authorizer)
{
    // Each costs on every write of the object, and nobody but its makers takes any away.
    private const int MaxAppliers = 100;

    public const string MediaType = "application/apply-patch+yaml";

    public async Task HandleAsync(ApiRequest request)
    {
        var options = ParseOptions(request);
        var context = request.WriteContext(options.DryRun);
        var resource = request.Resource;

        // Step 4: the body is read.
        var wanted = Read(request, options.FieldValidation, context.Warnings);
        var force = request.Flag("force");
        JsonObject Change(JsonObject live, CachedObject? current)
        {
            // Step 5: what is wanted is laid over what is there; types are checked, defaults are filled in.
            var merged = Lay(resource, context, new Live(live, current), (wanted, force));
            return ObjectDecoder.Complete(new DecodedBody(merged, []), resource, FieldValidation.Ignore, context.Warnings);
        }

        var update = new UpdateRequest(resource, request.Namespace, request.Name, live => live)
        {
            Apply = Change,
            CreateInstead = request.Info.Subresource is null ? () => Create(request, wanted, Change) : null,
        };
        var result = await updater.UpdateAsync(update, context, request.Aborted).ConfigureAwait(false);

        // Step 10: the answer.
        Answer.Warn(request.Http, context.Warnings);
        await ObjectAnswer.SendAsync(request, result.Created ? 201 : 200, result.Object).ConfigureAwait(false);
    }

    /// <summary>The options of an apply, which must say in whose name.</summary>
    public static WriteOptions ParseOptions(ApiRequest request) =>
        request.Parameter("fieldManager").Length == 0
            ? throw ApiException.InvalidOption("PatchOptions", FieldErrorType.Required, "fieldManager", "is required for apply patch")
            : WriteOptions.Parse(request.Query, "PatchOptions");

    /// <summary>Reads what is wanted.</summary>
    public static JsonObject Read(ApiRequest request, FieldValidation validation, List<string> warnings)
    {
        var body = BodyReader.Read(request.Http.Request);
        var duplicates = new List<string>();
        try
        {
            var wanted = YamlText.Parse(body, duplicates) as JsonObject ?? throw new DecodeException("json: cannot unmarshal array into Go value of type map[string]interface {}");
            if (duplicates.Count > 0 && validation != FieldValidation.Ignore)
            {
                var problem = $"error converting YAML to JSON: yaml: unmarshal errors:\n{string.Join('\n', duplicates.Select(d => $"  {d}"))}";
                if (validation == FieldValidation.Strict)
                {
                    throw ApiException.BadRequest($"error strict decoding YAML: {problem}");
                }

                warnings.Add(problem);
            }

            return wanted;
        }
        catch (DecodeException e)
        {
            throw ApiException.BadRequest($"error decoding YAML: {e.Message}");
        }
    }

    /// <summary>Checks that what is wanted may be applied to objects of a kind.</summary>
    public static void CheckKind(JsonObject wanted, string groupVersion, string kind)
    {
        var (givenVersion, givenKind) = (wanted.Text("apiVersion") ?? "", wanted.Text("kind") ?? "");
        if (givenVersion != groupVersion || givenKind != kind)
        {
            throw ApiException.BadRequest($"invalid object type: {Describe(givenVersion, givenKind)}");
        }

        if (wanted.Child("metadata")?["managedFields"] is not null)
        {
            throw ApiException.BadRequest("metadata.managedFields must be nil");
        }
    }

    /// <summary>Runs an apply, turning its refusals into answers.</summary>
    public static ApplyOutcome Guard(JsonObject wanted, Func<ApplyOutcome> apply)
    {
        try
        {
            var outcome = apply();
            return outcome.Entries.Count(e => e.Owner.IsApply) <= MaxAppliers
                ? outcome
                : throw ApiException.BadRequest($"metadata.managedFields: Too many: must have at most {MaxAppliers} managers that apply");
        }
        catch (FieldTypeException e)
        {
            var metadata = wanted.Child("metadata");
            var what = $"{metadata.Text("namespace")}/{metadata.Text("name")}; {Describe(wanted.Text("apiVersion") ?? "", wanted.Text("kind") ?? "")}";
            throw new ApiException(500, null, $"failed to create typed patch object ({what}): {e.Message}");
        }
        catch (ApplyConflictException e)
        {
            throw new ApiException(409, "Conflict", e.Message)
            {
                Details = new StatusDetails { Causes = [.. e.Conflicts.Select(c => new StatusCause("FieldManagerConflict", $"conflict with {c.Owner}", c.Field))] },
            };
        }
    }

    private JsonObject Lay(Resource resource, WriteContext context, Live live, (JsonObject Object, bool Force) wanted)
    {
        CheckKind(wanted.Object, resource.GroupVersion, resource.Kind);
        var before = live.Current?.ManagedFields ?? default;
        var entries = ManagedFields.Read(before) ?? [];
        var outcome = Guard(wanted.Object, () => Applier.Apply(live.Object, entries, wanted.Object, wanted.Force, ownership.For(resource, context)));
        context.Applied = new OwnedFields(ManagedFields.Write(outcome.Entries), IsNews(entries, outcome.Entries));
        return outcome.Object;
    }

    private JsonObject Create(ApiRequest request, JsonObject wanted, Func<JsonObject, CachedObject?, JsonObject> change)
    {
        var resource = request.Resource;
        CreateRight.Require(authorizer, request);
        var created = change(resource.Blank, null);
        Update.CheckName(created, request.Name);
        if (wanted.Child("metadata").Text("uid") is { Length: > 0 } uid)
        {
            throw ApiException.Conflict(resource.Group, resource.Plural, request.Name, $"uid mismatch: the provided object specified uid {uid}, and no existing object was found");
        }

        return created;
    }

    private static bool IsNews(List<ManagedEntry> before, List<ManagedEntry> after)
    {
        var known = before.ToDictionary(b => b.Owner);
        return before.Count != after.Count || after.Exists(a => !known.TryGetValue(a.Owner, out var b) || !b.Fields.Equals(a.Fields));
    }

    private static string Describe(string groupVersion, string kind) => $"{(groupVersion.Contains('/', StringComparison.Ordinal) ? groupVersion : $"/{groupVersion}")}, Kind={kind}";

    /// <summary>The object as it is; <see cref="Current"/> is null for one that is to be created.</summary>
    private readonly record struct Live(JsonObject Object, CachedObject? Current);
}
