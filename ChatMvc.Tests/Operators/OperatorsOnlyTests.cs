using System.Reflection;
using ChatMvc.Operators.Access;
using ChatMvc.Tests.Chats;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Operators;

/// <summary>Whom the operators' pages exist for.</summary>
public sealed class OperatorsOnlyTests : IAsyncLifetime
{
    private TestApp app = null!;

    public async Task InitializeAsync() => app = await Ops.StartAsync();

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Fact]
    public async Task To_everybody_else_no_page_of_operators_exists_whether_it_is_asked_for_or_posted_to()
    {
        using var olga = await app.SignInAsOperatorAsync();
        using var maya = await app.SignInAsAsync("Maya");
        using var stranger = new Visitor(app.Address);
        var paths = Paths();
        Assert.Contains("/ops/audit", paths);

        foreach (var path in paths)
            foreach (var visitor in new[] { maya, stranger })
            {
                Assert.Equal((path, 404), (path, (await visitor.GetAsync(path)).Status));
                using var post = await visitor.Http.PostAsync(new Uri(path, UriKind.Relative), new FormUrlEncodedContent([new("phone", "+15550100123")]));
                Assert.Equal((path, 404), (path, (int)post.StatusCode));
            }
        Assert.Equal(200, (await olga.GetAsync("/ops/audit")).Status);
    }

    [Fact]
    public async Task An_operator_s_form_without_its_token_is_refused()
    {
        using var olga = await app.SignInAsOperatorAsync();
        foreach (var path in Paths())
        {
            using var post = await olga.Http.PostAsync(new Uri(path, UriKind.Relative), new FormUrlEncodedContent([]));
            Assert.Equal((path, 400), (path, (int)post.StatusCode));
        }
    }

    [Fact]
    public async Task Whoever_is_granted_is_in_with_the_next_request_and_whoever_is_removed_out()
    {
        using var maya = await app.SignInAsAsync("Maya");
        await app.SqlAsync($"INSERT INTO OperatorGrants (Phone, GrantedAt) VALUES ('{TestApp.PhoneOf("Maya")}', 1)");
        Assert.Equal(200, (await maya.GetAsync("/ops/audit")).Status);
        await app.SqlAsync("DELETE FROM OperatorGrants");
        Assert.Equal(404, (await maya.GetAsync("/ops/audit")).Status);
    }

    [Fact]
    public async Task After_twelve_hours_an_operator_is_asked_again()
    {
        using var olga = await app.SignInAsOperatorAsync();
        app.Time.Advance(OperatorsOnly.ConfirmationLasts - TimeSpan.FromMinutes(1));
        Assert.Equal(200, (await olga.GetAsync("/ops/audit")).Status);
        app.Time.Advance(TimeSpan.FromMinutes(1));

        var page = await olga.GetAsync("/ops/audit?about=person%2017");

        Assert.Equal((303, "/ops/confirm?returnUrl=%2Fops%2Faudit%3Fabout%3Dperson%252017"), (page.Status, page.Location));
    }

    [Fact]
    public void Every_page_of_operators_is_one_of_theirs()
    {
        var pages = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.Select(e => e.Metadata.GetMetadata<CompiledPageActionDescriptor>() ?? e.Metadata.GetMetadata<PageActionDescriptor>())
            .Where(p => p is not null).DistinctBy(p => p!.RelativePath).ToList();
        Assert.NotEmpty(pages);
        Assert.All(pages, p => Assert.Equal(p!.RelativePath.StartsWith("/Operators/", StringComparison.Ordinal), ("/" + p.AttributeRouteInfo!.Template).StartsWith("/ops", StringComparison.Ordinal)));
    }

    [Fact]
    public void Whatever_an_operator_can_do_has_a_test_that_finds_it_in_the_audit_log()
    {
        var shown = typeof(Ops).Assembly.GetTypes().SelectMany(t => t.GetMethods()).SelectMany(m => m.GetCustomAttributes<FindsInAuditLogAttribute>()).Select(a => (a.Page, a.Handler)).ToList();
        Assert.Empty(Ops.Deeds.Except(shown));
        Assert.Empty(shown.Except(Ops.Deeds));
    }

    // With something in the place of each parameter.
    private string[] Paths() =>
    [
        .. app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Select(e => "/" + e.RoutePattern.RawText!.TrimStart('/'))
            .Where(path => path.StartsWith("/ops", StringComparison.Ordinal)).Select(path => System.Text.RegularExpressions.Regex.Replace(path, @"\{[^}]*\}", "1")).Distinct(),
    ];
}
