using Microsoft.AspNetCore.Http.HttpResults;
using Sealos.Kinds.Core;

namespace Sealos.OsServices.SignIn;

/// <summary>Lets in who has proved one factor by a credential, by some method, or says the step that is to be taken before.</summary>
internal delegate Task<Results<Ok<SignInGrant>, Accepted<SignInStep>>> Admit(string user, Secret credential, string method, ClientInfo from, CancellationToken ct);
