using Sealos.ApiServer.Http;
using Sealos.ApiServer.Registry;
using Sealos.ApiServer.Subresources;
using Sealos.Objects.Serialization;
using System.Text.Json.Nodes;

namespace Sealos.ApiServer.Reviews;

/// <summary>Kinds that are asked rather than stored: POST answers with the body and a status.</summary>
internal sealed class ReviewSet(AccessReviews access, IdentityReviews identity, Binding binding)
{
    public async Task HandleAsync(ApiRequest request)
    {
        if (request.Resource.Kind == "Binding")
        {
            await binding.HandleAsync(request, null).ConfigureAwait(false);
            return;
        }

        var options = WriteOptions.Parse(request.Query, "CreateOptions");

        // Steps 4 and 5: the body is read, decoded and completed.
        var body = Verbs.Create.ReadBody(request);
        var context = request.WriteContext(options.DryRun);
        var review = ObjectDecoder.Complete(body, request.Resource.Schema, options.FieldValidation, context.Warnings);
        ObjectCreator.MetadataOf(review)["creationTimestamp"] = request.Resource.Kind == "SelfSubjectReview" ? KubeTime.Format(request.Now) : null;
        review["status"] = Answer(request, review);

        if (request.Resource.Kind == "SelfSubjectRulesReview")
        {
            review["spec"] = new JsonObject();
        }

        // Step 10: the answer.
        Http.Answer.Warn(request.Http, context.Warnings);
        await Http.Answer.SendAsync(request.Http, 201, JsonText.Write(review), request.Output.IsPretty).ConfigureAwait(false);
    }

    private JsonObject Answer(ApiRequest request, JsonObject review) => request.Resource.Kind switch
    {
        "TokenReview" => identity.ReviewToken(review),
        "SelfSubjectReview" => identity.ReviewSelf(request.User),
        "SelfSubjectAccessReview" => access.ReviewSelf(request.User, review),
        "SubjectAccessReview" => access.ReviewSubject(review),
        "LocalSubjectAccessReview" => access.ReviewLocal(review, request.Namespace),
        "SelfSubjectRulesReview" => access.ReviewRules(request.User, review),
        _ => throw ApiException.MethodNotAllowed(),
    };
}
