# One file for every service:  docker build --build-arg SERVICE=Bookings -t aerona/booking-service .
# SERVICE is a folder under services/; the image starts /app/service and has neither a shell nor a package manager.
#
# Images are pinned by version. Pin them by digest too once a registry can be asked for it:
#   docker buildx imagetools inspect mcr.microsoft.com/dotnet/sdk:10.0-noble

FROM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build
ARG SERVICE
# More projects, published beside the service for its setting Plugins: the sandbox's airline scenarios, never in production.
ARG PLUGIN=""
ENV DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

# Receipts are set in DejaVu; the final image has no package manager to get it with.
RUN apt-get update \
    && apt-get install -y --no-install-recommends fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /source
COPY .editorconfig global.json Directory.Build.props Directory.Packages.props ./
COPY building-blocks/ building-blocks/
COPY sagas/ sagas/
COPY services/ services/

# The lock files decide which packages these are: a restore that would choose others fails.
RUN --mount=type=cache,target=/root/.nuget/packages \
    test -f "services/${SERVICE}/${SERVICE}.csproj" \
    && for project in "${SERVICE}" ${PLUGIN}; do dotnet restore "services/${project}" --locked-mode || exit 1; done

# The host program finds its assembly by a name written into it, so it can be called the same in every image. A data folder anybody may write to lets
# the container run under any user; its volume takes the mode over.
RUN --mount=type=cache,target=/root/.nuget/packages \
    dotnet publish "services/${SERVICE}" --configuration Release --no-restore --output /image/app \
    && mv "/image/app/Aerona.${SERVICE}" /image/app/service \
    && for project in ${PLUGIN}; do dotnet publish "services/${project}" --configuration Release --no-restore --output "/image/app/plugins/${project}" || exit 1; done \
    && mkdir -p /image/usr/share/fonts/truetype /image/data \
    && cp -r /usr/share/fonts/truetype/dejavu /image/usr/share/fonts/truetype/ \
    && chmod 1777 /image/data

# "extra" has ICU and time zones: names, dates and amounts are written in many languages.
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled-extra AS service
WORKDIR /app
COPY --from=build /image/ /
ENV ASPNETCORE_URLS=http://+:8080 \
    DOTNET_EnableDiagnostics=0 \
    DOTNET_GCgen0size=0x400000 \
    MALLOC_ARENA_MAX=2 \
    MALLOC_MMAP_THRESHOLD_=65536 \
    MALLOC_TRIM_THRESHOLD_=65536 \
    Data__Folder=/data
EXPOSE 8080
USER 1654:1654
ENTRYPOINT ["/app/service"]
