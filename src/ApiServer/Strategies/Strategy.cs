using System.Text.Json.Nodes;
using Sealos.ApiServer.Authentication;
using Sealos.ApiServer.Http;
using Sealos.ApiServer.Registry;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.ApiServer.Strategies;

/// <summary>
/// What is special about a kind's writes. The base is what most kinds do; a kind overrides what differs. Strategies
/// change only the object given to them and are shared by all requests.
/// </summary>
internal abstract class Strategy
{
    /// <summary>Whether metadata.generation counts changes of everything but metadata and status.</summary>
    public virtual bool HasGeneration => false;

    /// <summary>Whether a change of the status counts, too.</summary>
    public virtual bool GenerationCountsStatus => false;

    /// <summary>Whether PUT to a name that does not exist creates it.</summary>
    public virtual bool CreatesOnUpdate => false;

    /// <summary>Whether an update must say which version it replaces.</summary>
    public virtual bool RequiresRevision => false;

    /// <summary>Whether a deletion answers with the object, rather than with a Status, even when it is gone at once.</summary>
    public virtual bool ReturnsDeleted => false;

    /// <summary>What DELETE does with dependents when it does not say.</summary>
    public virtual Propagation DefaultPropagation => Propagation.Background;

    /// <summary>What to tell who deletes without saying what shall become of dependents, or null.</summary>
    public virtual string? DefaultPropagationWarning => null;

    /// <summary>Sets what a client may not choose, before the object is validated.</summary>
    public virtual void PrepareForCreate(JsonObject obj, Resource resource)
    {
        if (resource.HasStatus)
        {
            obj["status"] = new JsonObject();
        }
    }

    /// <summary>Writes into a new object who asked for it, for kinds that keep that.</summary>
    public virtual void StampRequester(JsonObject obj, UserInfo user)
    {
    }

    /// <summary>The generated name was taken and the object has another now; what was made of the first one follows.</summary>
    public virtual void Renamed(JsonObject obj, string before)
    {
    }

    /// <summary>What to tell who creates an object that is allowed but may surprise.</summary>
    public virtual IEnumerable<string> WarningsOnCreate(JsonObject obj) => [];

    /// <summary>Carries over what an update of the main resource may not change.</summary>
    public virtual void PrepareForUpdate(JsonObject obj, JsonObject old, Resource resource)
    {
        if (resource.HasStatus)
        {
            CopyField(old, obj, "status");
        }
    }

    /// <summary>Makes of an update of a subresource the object that is to be stored: of a status, all else is as it was.</summary>
    public virtual JsonObject PrepareForPart(string subresource, JsonObject obj, JsonObject old)
    {
        if (subresource != "status")
        {
            return obj;
        }

        var result = (JsonObject)old.DeepClone();
        CopyField(obj, result, "status");
        var metadata = result.Child("metadata")!;
        var given = obj.Child("metadata");
        foreach (var name in (ReadOnlySpan<string>)["annotations", "resourceVersion"])
        {
            if (given?[name] is { } value)
            {
                metadata[name] = value.DeepClone();
            }
            else
            {
                metadata.Remove(name);
            }
        }

        return result;
    }

    /// <summary>Rules beyond the schema's, on creation.</summary>
    public virtual IEnumerable<FieldError> ValidateCreate(JsonObject obj) => [];

    /// <summary>Rules beyond the schema's, on update.</summary>
    public virtual IEnumerable<FieldError> ValidateUpdate(JsonObject obj, JsonObject old) => [];

    /// <summary>
    /// The seconds an object is given before it may be removed, or null for kinds that go at once.
    /// </summary>
    public virtual long? GraceSeconds(JsonObject obj, DeleteOptions options) => null;

    /// <summary>Marks an object as being deleted, besides its metadata.</summary>
    public virtual void MarkDeleted(JsonObject obj)
    {
    }

    /// <summary>Whether an object that is being deleted, and has no metadata.finalizers left, must stay.</summary>
    public virtual bool IsHeld(JsonObject obj) => false;

    /// <summary>Takes what the object needs from a shared pool (addresses, ports), writing it into the object.</summary>
    public virtual IReservation? Reserve(JsonObject obj, JsonObject? old) => null;

    /// <summary>Creates what must exist with the object before the client is answered.</summary>
    public virtual Task AfterCreateAsync(JsonObject obj, ObjectCreator creator, CancellationToken cancellationToken) => Task.CompletedTask;

    protected static void CopyField(JsonObject from, JsonObject to, string name)
    {
        if (from[name] is { } value)
        {
            to[name] = value.DeepClone();
        }
        else
        {
            to.Remove(name);
        }
    }
}

/// <summary>Something taken from a pool for a write that has not happened yet.</summary>
internal interface IReservation
{
    /// <summary>The write happened: what was taken stays taken.</summary>
    void Commit();

    /// <summary>The write did not happen: what was taken goes back.</summary>
    void Rollback();
}
